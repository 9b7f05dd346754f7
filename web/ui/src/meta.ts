import { get } from './api';

/** What the server's registries hold; web/meta.go writes it. */
export interface Meta {
  version: string;
  program: string;
}

let asked: Promise<Meta> | undefined;

/** The registries, asked for once. */
export function meta(): Promise<Meta> {
  asked ??= get<Meta>('/api/meta').catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

import { noteAway, noteBack } from './server';

export { stream, type Stream, type StreamState } from './stream';

/** What the server refused, in its words. A status of 0: it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** The field of the request that is wrong, where there is one. */
    readonly field?: string,
    /** Where in the field's text, counted from 1. */
    readonly column?: number,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return send<T>('GET', path, undefined, signal);
}

export function post<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return send<T>('POST', path, body ?? {}, signal);
}

export function del<T = void>(path: string, signal?: AbortSignal): Promise<T> {
  return send<T>('DELETE', path, undefined, signal);
}

/** Whether an error only says that the request was given up by its caller. */
export function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** Reads a number of the server, which writes "NaN", "+Inf" and "-Inf" as text; anything else is NaN. */
export function num(v: unknown): number {
  if (typeof v === 'number') return v;
  if (v === '+Inf' || v === 'Inf') return Infinity;
  if (v === '-Inf') return -Infinity;
  return NaN;
}

/** What the server knows this tab by: a new request for heavy work takes the place of its last. */
const tab = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, '0')).join('');

async function send<T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      signal: signal ?? null,
      credentials: 'same-origin',
      headers: { 'Descent-Tab': tab, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    text = await response.text();
  } catch (error) {
    if (aborted(error) || signal?.aborted) throw error;
    noteAway();
    throw new ApiError(0, 'The server cannot be reached.');
  }
  noteBack();
  if (!response.ok) throw refusal(response, text);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Turns an answer that is not a success into an error. */
export function refusal(response: Response, text: string): ApiError {
  let message = text.trim();
  let field: string | undefined;
  let column: number | undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) {
      const { error, field: named, column: at } = parsed as { error?: unknown; field?: unknown; column?: unknown };
      if (typeof error === 'string') message = error;
      if (typeof named === 'string' && named !== '') field = named;
      if (typeof at === 'number') column = at;
    }
  } catch {
    // It is plain text.
  }
  if (message === '' || message.length > 2000) message = `${response.status} ${response.statusText}`.trim();
  return new ApiError(response.status, message, field, column);
}

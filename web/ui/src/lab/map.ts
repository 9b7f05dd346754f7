import { aborted, get } from '../api';
import { keep } from '../figure';
import { PlaneMap } from '../plane/map';
import type { MapData } from '../plane/data';
import { jobPath } from './job';

/** A figure of a job's report that is a map: its numbers are many, and asked for when it is shown. */
export interface MapFigure {
  file: string;
  command?: string;
  /** There is a GIF of how it comes about. */
  animated?: boolean;
}

/** Makes the map of a job's report. */
export function labMap(job: string, f: MapFigure, said: { title: string; caption: string }, level: 2 | 3 | 4): { root: HTMLElement; destroy(): void } {
  const address = (extension: string): string => jobPath(job, `/figures/${encodeURIComponent(f.file)}.${extension}`);
  const { command } = f;
  const map = new PlaneMap({
    id: f.file, ...said, level, ...(command ? { command: () => command } : {}),
    downloads: f.animated ? [{ label: 'GIF', on: () => keep(`${address('gif')}?download`, `${f.file}.gif`) }] : [],
  });
  const control = new AbortController();
  get<MapData>(address('json'), control.signal).then((data) => map.show(data), (error: unknown) => {
    if (!aborted(error)) map.fail(error instanceof Error ? error.message : String(error));
  });
  return {
    root: map.root,
    destroy() {
      control.abort();
      map.destroy();
    },
  };
}

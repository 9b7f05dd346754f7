import { flag, int, list, number, oneOf, text, urlState, type UrlState } from '../../url';
import { axes, type Axis } from './types';

/** All that the view shows, as the address holds it. */
export interface State {
  /** The run whose page is shown; '' is the list. */
  run: string;
  tab: string;
  where: string[];
  tag: string[];
  status: string[];
  sort: string;
  columns: string[];
  /** The runs that are drawn; none: the newest. */
  selected: string[];
  x: Axis;
  smooth: number;
  logx: boolean;
  logy: boolean;
  group: string;
  /** The curves that are drawn; none: the usual ones. */
  curves: string[];
  /** The form of a new training is open. */
  new: boolean;
  /** What it has, key=value. */
  set: string[];
  limit: number;
}

export const usualColumns = ['data', 'model', 'optimizer', 'lr', 'final_loss', 'val_accuracy', 'steps', 'seconds'];

export function runsState(): UrlState<State> {
  return urlState<State>({
    run: text(), tab: oneOf(['curves', 'settings', 'diagnostics', 'files'], 'curves'),
    where: list(), tag: list(), status: list(), sort: text(), columns: list(usualColumns), selected: list(),
    x: oneOf(axes, 'step'), smooth: number(0), logx: flag(), logy: flag(), group: text(), curves: list(),
    new: flag(), set: list(), limit: int(0),
  });
}

/** The query of GET /api/runs. */
export function listQuery(s: State, seen: string): string {
  const q = new URLSearchParams();
  for (const w of s.where) q.append('where', w);
  for (const t of s.tag) q.append('tag', t);
  for (const v of s.status) q.append('status', v);
  for (const c of s.columns) q.append('column', c);
  if (s.sort !== '') q.set('sort', s.sort);
  if (s.limit > 0) q.set('limit', String(s.limit));
  if (seen !== '') q.set('seen', seen);
  return q.toString();
}

/** The command that lists the same runs. */
export function listCommand(program: string, s: State, root: string): string {
  const words = [program, 'runs'];
  if (root !== 'runs') words.push('--runs', root);
  for (const w of s.where) words.push('--where', w);
  for (const t of s.tag) words.push('--tag', t);
  if (s.status.length > 0) words.push('--status', s.status.join(','));
  if (s.sort !== '') words.push('--sort', s.sort);
  return shellLine(words);
}

/** A command, each word of which a shell takes for one. */
export function shellLine(words: readonly string[]): string {
  return words.map((w) => (/^[\p{L}\p{N}_\-./:,=+@%]+$/u.test(w) ? w : `'${w.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}

/** Runs as the server wants them in an address; their IDs may have any sign. */
export function idQuery(ids: readonly string[]): string {
  return new URLSearchParams(ids.map((id) => ['id', id])).toString();
}

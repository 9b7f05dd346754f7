/** One entry of a view's state, as text in the address. */
export interface Field<T> {
  readonly initial: T;
  /** Reads the text; undefined where it is not a value. */
  parse(text: string): T | undefined;
  format(value: T): string;
}

export interface UrlState<S> {
  get(): S;
  /** Changes some entries. 'push' makes a step that the browser's back button undoes. */
  set(patch: Partial<S>, how?: 'replace' | 'push'): void;
  /** Calls f after every change, also by the back button, until the function returned is called. */
  on(f: (s: S) => void): () => void;
  /** The address of the state with some entries changed, for links. */
  href(patch?: Partial<S>): string;
}

export const text = (initial = ''): Field<string> => ({ initial, parse: (t) => t, format: (v) => v });

export const number = (initial: number): Field<number> => ({
  initial,
  parse: (t) => (t.trim() !== '' && Number.isFinite(Number(t)) ? Number(t) : undefined),
  format: String,
});

export const int = (initial: number): Field<number> => ({
  initial,
  parse: (t) => (/^[+-]?\d+$/.test(t) && Number.isSafeInteger(Number(t)) ? Number(t) : undefined),
  format: (v) => String(Math.round(v)),
});

export const flag = (initial = false): Field<boolean> => ({
  initial,
  parse: (t) => (t === '1' || t === '' ? true : t === '0' ? false : undefined),
  format: (v) => (v ? '1' : '0'),
});

/** Texts joined by "~", which stands in an address as it is; a "~" or "!" in a text is marked by "!". */
export const list = (initial: readonly string[] = []): Field<string[]> => ({
  initial: [...initial],
  parse: (t) => {
    if (t === '') return [];
    const items: string[] = [];
    let item = '';
    for (let i = 0; i < t.length; i++) {
      if (t.charAt(i) === '!' && i + 1 < t.length) item += t.charAt(++i);
      else if (t.charAt(i) === '~') {
        items.push(item);
        item = '';
      } else item += t.charAt(i);
    }
    // After the last text a "~" is needed only where that is empty.
    if (item !== '') items.push(item);
    return items;
  },
  format: (v) => v.map((i) => i.replace(/[~!]/g, '!$&')).join('~') + (v.at(-1) === '' ? '~' : ''),
});

export const oneOf = <T extends string>(options: readonly T[], initial: T): Field<T> => ({
  initial,
  parse: (t) => options.find((o) => o === t),
  format: (v) => v,
});

/** Anything that JSON holds. check says whether what an address holds has the right shape. */
export const json = <T>(initial: T, check: (v: unknown) => v is T = (_): _ is T => true): Field<T> => ({
  initial,
  parse: (t) => {
    try {
      const v: unknown = JSON.parse(t);
      return check(v) ? v : undefined;
    } catch {
      return undefined;
    }
  },
  format: (v) => JSON.stringify(v),
});

type Codec<S> = { [K in keyof S]: Field<S[K]> };

/** Reads a state from a query; what is missing or not a value has its default. */
export function readQuery<S>(codec: Codec<S>, query: string): S {
  const params = new URLSearchParams(query);
  const state = {} as S;
  for (const key of keysOf(codec)) {
    const field = codec[key];
    const found = params.get(key);
    const value = found === null ? undefined : field.parse(found);
    state[key] = value === undefined ? field.initial : value;
  }
  return state;
}

/** Writes a state as a query with its "?"; what has its default is left out. */
export function writeQuery<S>(codec: Codec<S>, state: S): string {
  const parts: string[] = [];
  for (const key of keysOf(codec)) {
    const field = codec[key];
    const value = field.format(state[key]);
    if (value !== field.format(field.initial)) parts.push(`${encode(key)}=${encode(value)}`);
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function keysOf<S>(codec: Codec<S>): (keyof S & string)[] {
  return Object.keys(codec) as (keyof S & string)[];
}

/** Escapes what a query must escape, and leaves alone what people read in it. */
function encode(t: string): string {
  // Half of a character, which no address can hold, becomes the sign for one.
  const whole = new TextDecoder().decode(new TextEncoder().encode(t));
  return encodeURIComponent(whole).replace(/%(2C|3A|2F|3D|40|5B|5D|7B|7D|28|29)/g, decodeURIComponent);
}

let pendingWrite: { timer: ReturnType<typeof setTimeout>; write: () => void } | undefined;

/** Writes to the address what waits to be written. The shell calls it before it goes to another view. */
export function flushUrl(): void {
  if (!pendingWrite) return;
  clearTimeout(pendingWrite.timer);
  const { write } = pendingWrite;
  pendingWrite = undefined;
  write();
}

/**
 * The state of a view, which is the query of its address. Changes that replace are written a moment
 * later, so that dragging a slider does not write hundreds of times.
 */
export function urlState<S>(codec: Codec<S>): UrlState<S> {
  const path = location.pathname;
  const listeners = new Set<(s: S) => void>();
  let state = readQuery(codec, location.search);

  const tell = (): void => {
    for (const f of [...listeners]) f(state);
  };
  const address = (s: S): string => path + writeQuery(codec, s);
  const onHistory = (): void => {
    if (location.pathname !== path) return;
    state = readQuery(codec, location.search);
    tell();
  };
  const write = (): void => {
    if (location.pathname === path) history.replaceState(history.state, '', address(state));
  };

  return {
    get: () => state,
    set(patch, how = 'replace') {
      if (how === 'push') flushUrl();
      state = { ...state, ...patch };
      if (how === 'push') {
        if (location.pathname === path) history.pushState(null, '', address(state));
      } else {
        if (pendingWrite) clearTimeout(pendingWrite.timer);
        pendingWrite = { write, timer: setTimeout(flushUrl, 200) };
      }
      tell();
    },
    on(f) {
      if (listeners.size === 0) addEventListener('popstate', onHistory);
      listeners.add(f);
      return () => {
        listeners.delete(f);
        if (listeners.size === 0) removeEventListener('popstate', onHistory);
      };
    },
    href: (patch) => address({ ...state, ...patch }),
  };
}

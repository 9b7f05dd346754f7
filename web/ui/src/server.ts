// Whether the server answers, for the banner of the shell and for streams.

type Listener = (away: boolean) => void;

const listeners = new Set<Listener>();
let away = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells whether the server answers now, and whenever that changes. */
export function onServer(f: Listener): () => void {
  listeners.add(f);
  f(away);
  return () => listeners.delete(f);
}

/** Says that a request found no server: it is asked every second until it answers. */
export function noteAway(): void {
  if (away) return;
  away = true;
  for (const f of listeners) f(true);
  timer = setTimeout(ask, 500);
}

/** Says that the server has answered. */
export function noteBack(): void {
  if (!away) return;
  away = false;
  clearTimeout(timer);
  for (const f of listeners) f(false);
}

async function ask(): Promise<void> {
  try {
    await fetch('/api/meta', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(4000) });
    noteBack();
  } catch {
    if (away) timer = setTimeout(ask, 1000);
  }
}

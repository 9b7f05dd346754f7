// Whether the server answers, for the banner of the shell and for streams.

// How long the page believes in a server that it has not heard of, in milliseconds.
const patience = 5000;

type Listener = (away: boolean) => void;

const listeners = new Set<Listener>();
let away = false;
let heard = 0;
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
  timer = setTimeout(ask, 1000);
}

/** Says that the server has answered. */
export function noteBack(): void {
  heard = performance.now();
  if (!away) return;
  away = false;
  clearTimeout(timer);
  for (const f of listeners) f(false);
}

/** Asks the server now and then, while the page is looked at and has not heard of it otherwise. */
export function watchServer(): void {
  setInterval(() => {
    if (!away && document.visibilityState === 'visible' && performance.now() - heard > patience) void askServer();
  }, patience / 2);
}

/** Asks whether the server is there. */
export async function askServer(): Promise<void> {
  try {
    await fetch('/icon.svg', { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(4000) });
    noteBack();
  } catch {
    noteAway();
  }
}

async function ask(): Promise<void> {
  await askServer();
  if (!away) return;
  clearTimeout(timer); // it may have come and gone meanwhile
  timer = setTimeout(ask, 1000);
}

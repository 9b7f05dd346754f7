/** Calls f soon, and so seldom that it takes at most about a fifth of the time, however often it is asked for. */
export function seldom(f: () => void): { ask(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = 0;
  const run = (): void => {
    timer = undefined;
    const began = performance.now();
    f();
    pause = Math.min(5000, 4 * (performance.now() - began));
  };
  return {
    ask() { timer ??= setTimeout(run, pause); },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

import type { Meta } from './meta';

/** One page of the page. A module src/views/x/index.ts exports `view`. */
export interface View {
  /** For the window's title and the heading. */
  title: string;
  /** Builds the view in root, whose heading the shell has made. What it throws, the shell shows. */
  mount(root: HTMLElement, m: Meta): void | Promise<void>;
  /** Ends everything that mount started: streams, timers, listeners. It may come before mount is done. */
  unmount(): void;
}

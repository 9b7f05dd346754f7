import { get } from '../../api';
import { runNames, shortId } from './names';
import { idQuery } from './state';
import type { Comparison } from './types';

/** How the runs that are drawn differ, and what that makes them called: asked for when they are others. */
export class Comparing {
  /** Of two runs or more, once it is there. */
  found: Comparison | undefined;
  private asked: string | undefined;
  private called = new Map<string, string>();
  private readonly control = new AbortController();

  constructor(private readonly on: { compared(): void; failed(error: unknown): void }) {}

  async want(ids: readonly string[]): Promise<void> {
    const key = idQuery(ids);
    if (key === this.asked) return;
    this.asked = key;
    if (ids.length < 2) {
      this.found = undefined;
      this.called = new Map();
      this.on.compared();
      return;
    }
    try {
      const c = await get<Comparison>(`/api/runs/compare?${key}`, this.control.signal);
      if (this.asked !== key) return;
      this.found = c;
      this.called = runNames(c);
      this.on.compared();
    } catch (error) {
      if (this.asked !== key || this.control.signal.aborted) return;
      this.asked = undefined;
      this.called = new Map(ids.map((id) => [id, shortId(id)]));
      this.on.failed(error);
    }
  }

  /** The runs may have changed: what is wanted next is asked for again. */
  outdate(): void {
    this.asked = undefined;
  }

  /** Whether it is known what a run is called, or that it has no name but the short one. */
  names(id: string): boolean {
    return this.called.has(id);
  }

  name(id: string): string {
    return this.called.get(id) ?? shortId(id);
  }

  close(): void {
    this.control.abort();
  }
}

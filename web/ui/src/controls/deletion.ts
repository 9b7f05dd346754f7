import { button } from './button';
import { dialog } from './dialog';
import { h, type Child } from '../dom';

export interface Deletion {
  /** Of the button that does it. */
  label: string;
  /** What is removed, in words. */
  what: Child[];
  /** What it throws is said, and it can be tried again. */
  remove(): Promise<void>;
  /** It is removed, and the question is gone. */
  removed?(): void;
}

/** Asks whether something is to be removed for good, and removes it. */
export function askDelete(o: Deletion): void {
  const problem = h('p', { class: 'field-error', role: 'alert', hidden: true });
  const confirm = button({
    label: o.label, kind: 'danger',
    on: async () => {
      confirm.disable(true);
      try {
        await o.remove();
      } catch (error) {
        problem.textContent = error instanceof Error ? error.message : String(error);
        problem.hidden = false;
        confirm.disable(false);
        return;
      }
      asks.close();
      o.removed?.();
    },
  });
  // What cannot be undone is not what Enter does.
  const keep = button({ label: 'Keep', on: () => asks.close() });
  const asks = dialog({ title: 'Delete?', focus: keep.root }, o.what, problem, h('div', { class: 'row' }, confirm.root, keep.root));
  asks.open();
}

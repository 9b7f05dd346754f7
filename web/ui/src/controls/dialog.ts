import { button } from './button';
import { freshId, h, type Child } from '../dom';
import { cross } from './icon';

export interface Dialog {
  readonly root: HTMLDialogElement;
  open(): void;
  close(): void;
}

/** A window over the page: Escape closes it, and the focus goes back to where it was. */
export function dialog(o: { title: string; onClose?: () => void }, ...children: Child[]): Dialog {
  const id = freshId('dialog');
  // Text that is selected from the inside to the outside ends in a click on the outside.
  let outside = false;
  const root: HTMLDialogElement = h('dialog', {
    'aria-labelledby': id,
    on: {
      close: () => {
        root.remove();
        o.onClose?.();
      },
      pointerdown: (e) => { outside = e.target === root; },
      click: (e) => {
        if (outside && e.target === root) root.close();
      },
    },
  }, h('div', { class: 'dialog-inside' },
    h('div', { class: 'dialog-head' }, h('h2', { id }, o.title),
      button({ label: 'Close', kind: 'quiet', icon: cross(), iconOnly: true, on: () => root.close() }).root),
    h('div', { class: 'dialog-body' }, children)));
  return {
    root,
    open() {
      document.body.append(root);
      root.showModal();
    },
    close() { root.close(); },
  };
}

import { button } from './button';
import { freshId, h, type Child } from '../dom';
import { cross } from './icon';

export interface Dialog {
  readonly root: HTMLDialogElement;
  open(): void;
  close(): void;
}

export interface DialogOptions {
  title: string;
  onClose?: () => void;
  /** Has the focus when it opens; default: its first field, else its first button. */
  focus?: HTMLElement;
}

/** A window over the page: Escape closes it, and the focus goes back to where it was. */
export function dialog(o: DialogOptions, ...children: Child[]): Dialog {
  const id = freshId('dialog');
  // Text that is selected from the inside to the outside ends in a click on the outside.
  let outside = false;
  const body = h('div', { class: 'dialog-body' }, children);
  const first = (): HTMLElement | null => o.focus
    ?? body.querySelector<HTMLElement>('input:not([disabled]), select:not([disabled]), textarea:not([disabled])')
    ?? body.querySelector<HTMLElement>('button:not([disabled])');
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
    body));
  return {
    root,
    open() {
      document.body.append(root);
      root.showModal();
      first()?.focus({ preventScroll: true });
    },
    close() { root.close(); },
  };
}

import { h, type Child } from '../dom';
import { announce } from '../live';

export interface ButtonOptions {
  label: string;
  /** 'primary' for the one thing that a view is for; 'quiet' has no box. Default 'plain'. */
  kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  /** A drawing before the label, or in its place with iconOnly. */
  icon?: Child;
  iconOnly?: boolean;
  title?: string;
  /** For a button that stays down. */
  pressed?: boolean;
  on(event: MouseEvent): void;
}

export interface Button {
  readonly root: HTMLButtonElement;
  label(text: string): void;
  press(down: boolean): void;
  disable(off: boolean): void;
}

export function button(o: ButtonOptions): Button {
  const text = h('span', { class: o.iconOnly ? 'unseen' : '' }, o.label);
  const root = h('button', {
    type: 'button', class: `button ${o.kind ?? 'plain'}`, title: o.title ?? (o.iconOnly ? o.label : null),
    'aria-pressed': o.pressed, on: { click: (e) => o.on(e) },
  }, o.icon, text);
  return {
    root,
    label(t) { text.textContent = t; },
    press(down) { root.setAttribute('aria-pressed', String(down)); },
    disable(off) { root.disabled = off; },
  };
}

/** Puts a text where it can be pasted from, and says so. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied');
  } catch {
    // Without the clipboard's permission, or over plain HTTP from elsewhere.
    const area = h('textarea', { class: 'unseen', value: text, 'aria-hidden': true });
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    announce(copied ? 'Copied' : 'The browser does not allow copying');
  }
}

/** A part that opens and closes. */
export function disclosure(o: { label: string; open?: boolean; on?: (open: boolean) => void }, ...children: Child[]): HTMLDetailsElement {
  const root: HTMLDetailsElement = h('details', { class: 'disclosure', open: o.open ?? false, on: { toggle: () => o.on?.(root.open) } },
    h('summary', null, o.label), h('div', { class: 'disclosure-body' }, children));
  return root;
}

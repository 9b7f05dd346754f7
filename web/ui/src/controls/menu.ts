import { freshId, h } from '../dom';
import { chevron } from './icon';

export interface MenuItem {
  label: string;
  disabled?: boolean;
  on(): void;
}

export interface Menu {
  readonly root: HTMLElement;
  items(next: readonly MenuItem[]): void;
}

/** A button that opens a list of actions: arrow keys, Home, End, first letters, Escape. */
export function menu(o: { label: string; kind?: 'plain' | 'quiet'; title?: string; items: readonly MenuItem[] }): Menu {
  const id = freshId('menu');
  const list = h('div', { class: 'menu-list', role: 'menu', id, hidden: true, 'aria-label': o.label });
  const opener = h('button', {
    type: 'button', class: `button ${o.kind ?? 'plain'}`, title: o.title ?? null,
    'aria-haspopup': 'menu', 'aria-expanded': false, 'aria-controls': id,
    on: {
      click: () => (list.hidden ? open(0) : close()),
      keydown: (e) => {
        if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return;
        e.preventDefault();
        open(e.key === 'ArrowDown' ? 0 : -1);
      },
    },
  }, h('span', null, o.label), chevron());
  const root = h('div', { class: 'menu' }, opener, list);

  const entries = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)')];
  const outside = (e: PointerEvent): void => {
    if (!root.contains(e.target as Node)) close();
  };
  const open = (at: number): void => {
    list.hidden = false;
    opener.setAttribute('aria-expanded', 'true');
    // Kept inside the window on the side where there is room.
    list.classList.toggle('to-left', opener.getBoundingClientRect().left + list.offsetWidth > document.documentElement.clientWidth - 8);
    document.addEventListener('pointerdown', outside);
    entries().at(at)?.focus();
  };
  const close = (refocus = false): void => {
    list.hidden = true;
    opener.setAttribute('aria-expanded', 'false');
    document.removeEventListener('pointerdown', outside);
    if (refocus) opener.focus();
  };
  root.addEventListener('focusout', (e) => {
    if (e.relatedTarget instanceof Node && !root.contains(e.relatedTarget)) close();
  });
  list.addEventListener('keydown', (e) => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key];
    if (e.key === 'Escape') close(true);
    else if (to !== undefined) all[(to + all.length) % all.length]?.focus();
    else if (e.key.length === 1) {
      const after = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      after.find((m) => m.textContent?.toLowerCase().startsWith(e.key.toLowerCase()))?.focus();
    }
    if (e.key === 'Escape' || to !== undefined) {
      e.preventDefault();
      e.stopPropagation();
    }
  });

  const items = (next: readonly MenuItem[]): void => {
    list.replaceChildren(...next.map((item) => h('button', {
      type: 'button', role: 'menuitem', tabindex: '-1', disabled: item.disabled ?? false,
      on: {
        click: () => {
          close(true);
          item.on();
        },
      },
    }, item.label)));
  };
  items(o.items);
  return { root, items };
}

import { freshId, h } from '../dom';

export interface Tab {
  id: string;
  label: string;
  /** Made when the tab is first shown. */
  panel(): HTMLElement;
}

/** Panels of which one is shown; left and right keys go between them. */
export function tabs(o: { label: string; tabs: readonly Tab[]; value?: string; on?: (id: string) => void }): {
  root: HTMLElement;
  readonly value: string;
  set(id: string): void;
} {
  const base = freshId('tabs');
  let value = '';
  const panels = new Map<string, HTMLElement>();
  const place = h('div', { class: 'tab-panels' });
  const heads = o.tabs.map((t) => h('button', {
    type: 'button', role: 'tab', id: `${base}-${t.id}`,
    on: { click: () => choose(t.id) },
  }, t.label));

  const set = (id: string): void => {
    if (id === value || !o.tabs.some((t) => t.id === id)) return;
    value = id;
    o.tabs.forEach((t, i) => {
      const on = t.id === id;
      heads[i]?.setAttribute('aria-selected', String(on));
      if (heads[i]) heads[i].tabIndex = on ? 0 : -1;
      let panel = panels.get(t.id);
      if (on && !panel) {
        panel = h('div', { role: 'tabpanel', id: `${base}-${t.id}-panel`, 'aria-labelledby': `${base}-${t.id}` }, t.panel());
        panels.set(t.id, panel);
        place.append(panel);
        heads[i]?.setAttribute('aria-controls', panel.id); // there is none to name before
      }
      if (panel) panel.hidden = !on;
    });
  };
  const choose = (id: string): void => {
    set(id);
    o.on?.(id);
  };
  const row = h('div', {
    class: 'tabs', role: 'tablist', 'aria-label': o.label,
    on: {
      keydown: (e) => {
        const at = o.tabs.findIndex((t) => t.id === value);
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: o.tabs.length - 1 }[e.key];
        if (to === undefined) return;
        e.preventDefault();
        const i = (to + o.tabs.length) % o.tabs.length;
        const next = o.tabs[i];
        if (next) choose(next.id);
        heads[i]?.focus();
      },
    },
  }, heads);
  set(o.value ?? o.tabs[0]?.id ?? '');
  return { root: h('div', { class: 'tabbed' }, row, place), get value() { return value; }, set };
}

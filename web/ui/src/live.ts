import { h } from './dom';

let region: HTMLElement | undefined;
let pending: ReturnType<typeof setTimeout> | undefined;

/** Has screen readers say a text when they have finished what they say now. The last of several at once wins. */
export function announce(text: string): void {
  if (!region) {
    region = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite', id: 'announcer' });
    document.body.append(region);
  }
  clearTimeout(pending);
  const target = region;
  pending = setTimeout(() => {
    target.textContent = text;
  }, 60);
}

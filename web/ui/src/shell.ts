import { ApiError, aborted } from './api';
import { button, radios } from './controls';
import { h, replace, s } from './dom';
import { announce } from './live';
import { meta } from './meta';
import { askServer, onServer, watchServer } from './server';
import { chooseTheme, themeChoice, type ThemeChoice } from './style';
import { flushUrl } from './url';
import type { View } from './view';

const places = [
  { path: '/explore', label: 'Explore' },
  { path: '/compare', label: 'Compare' },
  { path: '/runs', label: 'Runs' },
  { path: '/schedules', label: 'Schedules' },
  { path: '/tuning', label: 'Tuning' },
  { path: '/memory', label: 'Memory' },
];

const modules = import.meta.glob<{ view: View }>('./views/*/index.ts');

/** Builds the page round its views, and goes to the one that the address names. */
export function startShell(body: HTMLElement): void {
  const title = h('h1', { tabindex: '-1' });
  const place = h('div', { class: 'view' });
  const main = h('main', { id: 'main', 'aria-busy': true }, title, place);
  const notice = h('div', { class: 'notice', role: 'alert', hidden: true });
  const version = h('span');
  const links = new Map(places.map((p) => [p.path, h('a', { href: p.path }, p.label)]));
  replace(body,
    h('a', { class: 'skip', href: '#main', on: { click: (e) => { e.preventDefault(); title.focus(); } } }, 'Skip to the content'),
    h('header', { class: 'masthead' },
      h('a', { class: 'brand', href: '/' }, mark(), h('span', null, 'Descent')),
      h('nav', { 'aria-label': 'Views' }, h('ul', null, [...links.values()].map((a) => h('li', null, a)))),
      themeSwitch()),
    main,
    h('footer', { class: 'colophon' }, version, h('a', { href: '/licenses.txt', dataset: { outside: '1' } }, 'Licences')),
    notice, banner());

  let current: { path: string; view: View } | undefined;
  let turn = 0;
  /** The path of what is in sight, also where that is no view. */
  let shown = normal(location.pathname);
  // A view waits for the server to be there at all.
  let waiting = false;
  let gone = false;
  onServer((away) => {
    if (!away && gone && waiting) location.reload();
    gone = away;
  });

  const leave = (): void => {
    const left = current;
    current = undefined;
    try {
      left?.view.unmount();
    } catch (error) {
      report(error);
    }
  };

  const show = async (focus: boolean): Promise<void> => {
    const mine = ++turn;
    const path = normal(location.pathname);
    shown = path;
    leave();
    notice.hidden = true;
    waiting = false;
    for (const [to, link] of links) {
      if (to === path) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
      if (to === path) link.setAttribute('href', to);
    }
    links.get(path)?.scrollIntoView({ block: 'nearest', inline: 'center' });
    const load = modules[`./views${path}/index.ts`];
    if (!load) {
      main.removeAttribute('aria-busy');
      return missing(path, focus);
    }
    main.setAttribute('aria-busy', 'true');
    let loaded = false;
    try {
      const { view } = await load();
      loaded = true;
      if (mine !== turn) return;
      head(view.title, focus);
      const m = await meta();
      if (mine !== turn) return;
      current = { path, view };
      // A place of its own, so that what a view left running cannot draw into the next one.
      const root = h('div', { class: `view-${path.slice(1)}` });
      place.replaceChildren(root);
      await view.mount(root, m);
    } catch (error) {
      if (mine === turn && !aborted(error)) failed(path, error, loaded);
    } finally {
      if (mine === turn) main.removeAttribute('aria-busy');
    }
  };

  const head = (text: string, focus: boolean): void => {
    title.textContent = text;
    document.title = text === '' ? 'Descent' : `${text} · Descent`;
    if (!focus) return;
    title.focus({ preventScroll: true });
    announce(text);
  };

  const missing = (path: string, focus: boolean): void => {
    head('Nothing is here', focus);
    place.replaceChildren(h('div', { class: 'empty' },
      h('p', null, 'There is no view ', h('code', null, path), '.'),
      h('p', null, h('a', { href: '/explore' }, 'Go to the explorer'))));
  };

  const failed = (path: string, error: unknown, loaded: boolean): void => {
    leave();
    // A module that could not be had is had again only by a page loaded anew.
    if (!loaded) void askServer().then(() => { waiting = true; });
    if (title.textContent === '') head(places.find((p) => p.path === path)?.label ?? 'Descent', false);
    place.replaceChildren(h('div', { class: 'verdict warning', role: 'alert' },
      h('p', { class: 'verdict-title' }, 'This view cannot be shown'),
      h('p', null, loaded ? messageOf(error) : 'A part of the page could not be loaded.'),
      h('p', null, button({ label: 'Try again', on: () => (loaded ? void show(true) : location.reload()) }).root)));
  };

  const report = (error: unknown): void => {
    if (aborted(error) || (error instanceof ApiError && error.status === 0)) return;
    console.error(error);
    notice.hidden = false;
    notice.replaceChildren(h('p', null, messageOf(error)),
      button({ label: 'Dismiss', kind: 'quiet', on: () => { notice.hidden = true; } }).root);
  };

  const go = (to: URL): void => {
    remember();
    history.pushState(null, '', to.pathname + to.search + to.hash);
    scrollTo(0, 0);
    void show(true);
  };

  // The links go back to what a view last showed.
  const remember = (): void => {
    flushUrl();
    if (current) links.get(current.path)?.setAttribute('href', current.path + location.search);
  };

  document.addEventListener('click', (e) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const link = (e.target as Element).closest('a');
    if (!link || link.target || link.hasAttribute('download') || link.dataset.outside || link.origin !== location.origin) return;
    if (link.pathname.startsWith('/api/')) return;
    e.preventDefault();
    go(new URL(link.href));
  });
  addEventListener('popstate', () => {
    const path = normal(location.pathname);
    if (current && path === current.path) return;
    void show(path !== shown);
  });
  addEventListener('pagehide', flushUrl);
  addEventListener('error', (e) => report(e.error ?? e.message));
  addEventListener('unhandledrejection', (e) => report(e.reason));

  void show(false);
  watchServer();
  meta().then((m) => { version.textContent = `${m.program} ${m.version}`; }, () => {});
}

function normal(path: string): string {
  const short = path.replace(/\/+$/, '');
  return short === '' ? '/explore' : short;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Says when the server is away, and when it is back. It lies over the page, which does not move. */
function banner(): HTMLElement {
  const root = h('div', { class: 'banner', role: 'status', 'aria-live': 'polite', hidden: true });
  let before = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onServer((away) => {
    clearTimeout(timer);
    if (away) {
      root.hidden = false;
      root.classList.remove('back');
      root.textContent = 'The server does not answer. What you see is the last that came; the page goes on when it is back.';
    } else if (before) {
      root.classList.add('back');
      root.textContent = 'The server is back.';
      timer = setTimeout(() => { root.hidden = true; }, 3000);
    }
    before = away;
  });
  return root;
}

function themeSwitch(): HTMLElement {
  const choice = radios<ThemeChoice>({
    label: 'Theme', unlabelled: true, segmented: true, value: themeChoice(),
    options: [{ value: 'system', label: 'Auto' }, { value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }],
    on: chooseTheme,
  });
  choice.root.classList.add('theme-switch');
  return choice.root;
}

function mark(): SVGElement {
  return s('svg', { viewBox: '0 0 32 32', width: 24, height: 24, 'aria-hidden': true },
    s('path', { d: 'M3 6C11 6 9 24 17 24S23 15 29 12', fill: 'none', stroke: 'currentColor', 'stroke-width': 2.4, 'stroke-linecap': 'round' }),
    s('circle', { cx: 17, cy: 24, r: 3.6, class: 'mark-dot' }));
}

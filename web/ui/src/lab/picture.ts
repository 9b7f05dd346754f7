import { button, menu } from '../controls';
import { freshId, h } from '../dom';
import { commandLine } from '../figure';
import { onTheme, theme, tokens } from '../style';
import { jobPath } from './job';

/** A figure that the server draws: contours, maps and what else is no chart of lines. */
export interface Picture {
  file: string;
  alt?: string;
  command?: string;
  animated?: boolean;
}

/** The width that a picture is drawn in, in its own units: about that of the column it stands in, so that its texts are as large as others. */
function drawnWidth(): number {
  return document.documentElement.clientWidth < 700 ? 400 : 640;
}

/** Frames a picture of a job's report as other figures are; what it shows in words is its text. */
export function picture(job: string, p: Picture, said: { title: string; caption: string }, level: 2 | 3 | 4): HTMLElement {
  const titleId = freshId('picture');
  const address = (extension: string, query = ''): string =>
    jobPath(job, `/figures/${encodeURIComponent(p.file)}.${extension}${query}`);
  const image = h('img', { class: 'picture', alt: p.alt ?? said.title, loading: 'lazy' });
  let moving = false;
  const show = (): void => {
    image.src = moving ? address('gif') : address('svg', `?theme=${theme() === tokens.dark ? 'dark' : 'light'}&width=${drawnWidth()}`);
  };
  const forget = onTheme(() => (image.isConnected || !image.complete ? show() : forget()));
  show();

  const command = h('div', { class: 'figure-command', hidden: true }, p.command ? commandLine(p.command) : null);
  const showCommand = button({
    label: 'Command', kind: 'quiet', title: 'Show the command that makes this figure',
    on: () => {
      command.hidden = !command.hidden;
      showCommand.root.setAttribute('aria-expanded', String(!command.hidden));
    },
  });
  showCommand.root.setAttribute('aria-expanded', 'false');
  const move = button({
    label: 'Animate', kind: 'quiet', title: 'Show the figure as it comes about',
    on: () => {
      moving = !moving;
      move.root.setAttribute('aria-pressed', String(moving));
      show();
    },
  });
  move.root.setAttribute('aria-pressed', 'false');
  const save = (extension: string): void => {
    const link = h('a', { href: address(extension, '?download'), download: `${p.file}.${extension}`, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
  };
  const downloads = menu({
    label: 'Download', kind: 'quiet', title: 'Download this figure',
    items: [
      { label: 'SVG', on: () => save('svg') },
      { label: 'PNG', on: () => save('png') },
      ...(p.animated ? [{ label: 'GIF', on: () => save('gif') }] : []),
      { label: 'Data, JSON', on: () => open(jobPath(job, '/result')) },
    ],
  });
  return h('figure', { class: 'figure', 'aria-labelledby': titleId, dataset: { figure: p.file } },
    h('div', { class: 'figure-head' }, h(`h${level}`, { class: 'figure-title', id: titleId }, said.title),
      h('div', { class: 'figure-tools' }, p.animated ? move.root : null, p.command ? showCommand.root : null, downloads.root)),
    h('div', { class: 'figure-body' }, image), h('figcaption', { hidden: said.caption === '' }, said.caption), command);
}

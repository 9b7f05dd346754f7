import { button } from '../../controls';
import { h, replace } from '../../dom';
import { commandLine } from '../../figure';
import { count, plural } from '../../format';
import type { State } from './state';
import { tagDialog } from './tags';
import type { RunList } from './types';

interface Handlers {
  set(patch: Partial<State>): void;
  /** How many runs are drawn at a time. */
  most: number;
  /** Tags were changed: ask again. */
  changed(): void;
  remove(ids: readonly string[]): void;
  columns(list: RunList): void;
  /** The command that lists the same runs. */
  command(list: RunList): string;
}

/** The line over the list of runs: how many there are, and what can be done with those selected. */
export class Tools {
  readonly root = h('div', { class: 'runs-tools' });
  private key = '';

  constructor(private readonly on: Handlers) {}

  /** Nothing is drawn anew where nothing changed; the focus stays on its button. */
  update(list: RunList, s: State): void {
    const command = this.on.command(list);
    const shown = list.runs.length === list.total ? plural(list.total, 'run') : `${count(list.runs.length)} of ${plural(list.total, 'run')}`;
    const key = JSON.stringify([shown, s.selected, list.fields, s.columns, command]);
    if (key === this.key) return;
    this.key = key;
    const picked = s.selected.length;
    const most = picked >= this.on.most ? ', the most that are drawn at a time' : '';
    const focused = document.activeElement instanceof HTMLElement && this.root.contains(document.activeElement) ? document.activeElement.textContent : null;
    const has = (): string[] => [...new Set(list.runs.filter((r) => s.selected.includes(r.id)).flatMap((r) => r.tags))];
    replace(this.root,
      h('p', { class: 'note', role: 'status' }, picked === 0 ? `${shown}; the newest is drawn, as none is selected` : `${shown}; ${count(picked)} selected${most}`),
      picked > 0 ? [
        button({ label: 'Tags…', kind: 'quiet', on: () => tagDialog(s.selected, has(), () => this.on.changed()) }).root,
        button({ label: 'Delete…', kind: 'quiet', on: () => this.on.remove(s.selected) }).root,
        button({ label: 'Select none', kind: 'quiet', on: () => this.on.set({ selected: [] }) }).root,
      ] : null,
      button({ label: 'Columns…', kind: 'quiet', on: () => this.on.columns(list) }).root,
      button({ label: 'Command', kind: 'quiet', title: 'Show the command that lists these runs', on: () => this.showCommand(command) }).root);
    if (focused !== null) [...this.root.querySelectorAll('button')].find((b) => b.textContent === focused)?.focus();
  }

  private showCommand(command: string): void {
    const old = this.root.querySelector('.command-line');
    if (old) return old.remove();
    const line = commandLine(command);
    line.style.flexBasis = '100%';
    this.root.append(line);
  }
}

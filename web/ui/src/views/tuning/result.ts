import { button } from '../../controls';
import { h, replace } from '../../dom';
import { commandLine, download } from '../../figure';
import { jobPath, trainBest, type Job } from '../../lab/job';
import { drawBlocks, labResult, type Drawn } from '../../lab/report';
import { importanceFigure } from './importance';

/** What came of a search: the verdict on fresh seeds, the chosen experiment, then how it was searched, as its report says it. */
export async function tuneResult(job: Job, live: HTMLElement, signal: AbortSignal): Promise<{ root: HTMLElement; destroy(): void }> {
  const { report, best_experiment: best, importance } = await labResult(job.id, signal);
  const charts: Drawn[] = [];
  const [outcome, search, how] = report.sections;
  const bars = importance ? importanceFigure(importance, () => job.command) : undefined;
  const said = h('p', { role: 'status' });
  const train = button({
    label: 'Train with these settings', kind: 'primary',
    on: async () => {
      train.disable(true);
      try {
        const started = await trainBest(job.id);
        replace(said, 'Training has begun: ', h('a', { href: `/runs?run=${encodeURIComponent(started.run ?? started.id)}` }, started.run ?? started.id), '.');
      } catch (error) {
        said.textContent = error instanceof Error ? error.message : String(error);
        train.disable(false);
      }
    },
  });
  // The experiment stands with its buttons, not at the end of the outcome.
  const said1 = (outcome?.blocks ?? []).filter((b) => !(b.block === 'folded' && best));
  // The live view draws the other figures of the search.
  const searched = (search?.blocks ?? []).filter((b) => b.block !== 'figure' || b.plane);
  return {
    root: h('div', { class: 'report stack' },
      h('section', { class: 'report-section' }, h('h2', null, outcome?.title ?? 'Result'), drawBlocks(job.id, said1, charts)),
      best ? h('section', { class: 'report-section best' }, h('h2', null, 'The chosen experiment'), commandLine(best.trimEnd()),
        h('div', { class: 'row' }, train.root,
          button({ label: 'Download best.yaml', on: () => download('best.yaml', new Blob([best], { type: 'application/yaml' })) }).root), said) : null,
      h('section', { class: 'report-section' }, h('h2', null, search?.title ?? 'Search'), live, bars?.root, drawBlocks(job.id, searched, charts)),
      how ? h('section', { class: 'report-section' }, h('h2', null, how.title), drawBlocks(job.id, how.blocks, charts)) : null,
      h('section', { class: 'files' }, h('h2', null, 'Files'), h('ul', null,
        h('li', null, h('a', { href: jobPath(job.id, '/files/report.html'), target: '_blank', rel: 'noopener' }, 'report.html'), h('span', { class: 'note' }, ' The report, one file that needs nothing else')),
        h('li', null, h('a', { href: jobPath(job.id, '/files/tune.json?download'), download: 'tune.json' }, 'tune.json'), h('span', { class: 'note' }, ' The result with all its numbers'))))),
    destroy() {
      for (const c of charts) c.destroy();
      bars?.destroy();
    },
  };
}

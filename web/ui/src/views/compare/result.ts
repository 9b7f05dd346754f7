import { tabs } from '../../controls';
import { h } from '../../dom';
import { jobPath, type Job } from '../../lab/job';
import { drawBlocks, labResult, type Drawn, type ReportSection } from '../../lab/report';

/** What came of a comparison: the verdict, then each task, then how it was done; as its report says it. */
export async function compareResult(job: Job, task: number, on: (task: number) => void, signal: AbortSignal): Promise<{ root: HTMLElement; show(task: number): void; destroy(): void }> {
  const { report } = await labResult(job.id, signal);
  const charts: Drawn[] = [];
  const [verdict, ...rest] = report.sections;
  const how = rest.pop();
  const section = (s: ReportSection | undefined): HTMLElement | null =>
    s ? h('section', { class: 'report-section' }, h('h2', null, s.title), drawBlocks(job.id, s.blocks, charts, 3)) : null;
  const of = tabs({
    label: 'Problems', value: String(Math.min(Math.max(task, 0), rest.length - 1)),
    tabs: rest.map((s, i) => ({ id: String(i), label: s.title, panel: () => h('div', { class: 'report-section' }, drawBlocks(job.id, s.blocks, charts, 3)) })),
    on: (id) => on(Number(id)),
  });
  return {
    root: h('div', { class: 'report' },
      h('p', { class: 'lead' }, report.lead ?? ''),
      section(verdict),
      h('section', { class: 'report-section' }, h('h2', null, rest.length > 1 ? 'Problem by problem' : rest[0]?.title ?? ''), rest.length > 1 ? of.root : of.root.querySelector('[role=tabpanel]')),
      section(how),
      files(job, [['report.html', 'The report, one file that needs nothing else'], ['compare.json', 'The result with all its numbers']])),
    show: (t) => of.set(String(t)),
    destroy() {
      for (const c of charts) c.destroy();
    },
  };
}

/** The files of a job. */
export function files(job: Job, names: readonly (readonly [string, string])[]): HTMLElement {
  return h('section', { class: 'files' }, h('h2', null, 'Files'), h('ul', null, names.map(([name, what]) =>
    h('li', null, h('a', { href: jobPath(job.id, `/files/${name}${name.endsWith('.html') ? '' : '?download'}`), target: name.endsWith('.html') ? '_blank' : null, rel: 'noopener', download: name.endsWith('.html') ? null : name }, name),
      h('span', { class: 'note' }, ` ${what}`)))));
}

import { ApiError, del, get, post } from '../../api';
import { askDelete, button } from '../../controls';
import { h } from '../../dom';
import { plural } from '../../format';
import { announce } from '../../live';
import type { Job, Status } from './types';

/** The trainings that the page has started, by the ID of their run. */
export async function trainings(): Promise<Map<string, Job>> {
  const { jobs } = await get<{ jobs: Job[] }>('/api/jobs?kind=train');
  return new Map(jobs.map((j) => [j.run ?? j.id, j]));
}

type Act = 'pause' | 'resume' | 'stop';

/** What can be done with a training now. */
export function possible(job: Job | undefined): Act[] {
  if (!job || job.asked) return [];
  switch (job.state) {
    case 'queued': return ['stop'];
    case 'running': return ['pause', 'stop'];
    case 'paused': return ['resume', 'stop'];
    case 'stopped':
    case 'failed': return ['resume'];
    default: return [];
  }
}

const words: Record<Act, { label: string; kind: 'primary' | 'plain' | 'danger'; said: string }> = {
  pause: { label: 'Pause', kind: 'plain', said: 'is pausing: it writes a checkpoint' },
  resume: { label: 'Resume', kind: 'primary', said: 'goes on' },
  stop: { label: 'Stop', kind: 'danger', said: 'is stopping' },
};

/** Buttons that pause, resume and stop a training, and words where there are none. */
export function actions(id: string, job: Job | undefined, status: Status, done: (error?: string) => void): HTMLElement {
  const note = (text: string): HTMLElement => h('span', { class: 'note' }, text);
  const place = h('div', { class: 'row runs-actions' });
  for (const act of possible(job)) {
    const w = words[act];
    const b = button({
      label: w.label, kind: w.kind,
      on: () => {
        b.disable(true);
        post(`/api/jobs/${encodeURIComponent(job?.id ?? id)}/${act}`).then(() => {
          announce(`${id} ${w.said}`);
          done();
        }, (error: unknown) => done(error instanceof ApiError ? error.message : String(error)));
      },
    });
    place.append(b.root);
  }
  if (job?.asked) place.append(note(job.asked === 'pause' ? 'Pausing: it writes a checkpoint.' : job.asked === 'stop' ? 'Stopping.' : 'It goes on when the server is back.'));
  else if (job?.state === 'queued') place.append(note(job.place ? `Waits, number ${job.place} in the queue.` : 'Waits for its turn.'));
  else if (!job && status === 'running') place.append(note('Started elsewhere: it is shown here as it goes, and paused or stopped where it was started.'));
  return place;
}

/** Asks whether runs are to be deleted, and deletes them. */
export function removeRuns(ids: readonly string[], jobs: ReadonlyMap<string, Job>, done: (gone: string[]) => void): void {
  if (ids.length === 0) return;
  let left = ids;
  askDelete({
    label: `Delete ${plural(ids.length, 'run')}`,
    what: [
      h('p', null, 'The folders of these runs, with logs, checkpoints and models, are removed for good:'),
      h('ul', { class: 'runs-doomed' }, ids.slice(0, 20).map((id) => h('li', null, h('code', null, id))), ids.length > 20 ? h('li', null, `and ${ids.length - 20} more`) : null),
    ],
    async remove() {
      const gone: string[] = [];
      const failed: string[] = [];
      for (const id of left) {
        try {
          await del(`/api/runs/${encodeURIComponent(id)}`);
          gone.push(id);
          const job = jobs.get(id);
          if (job) await del(`/api/jobs/${encodeURIComponent(job.id)}`).catch(() => undefined);
        } catch (error) {
          failed.push(error instanceof ApiError ? error.message : `${id}: ${String(error)}`);
        }
      }
      left = left.filter((id) => !gone.includes(id));
      if (gone.length > 0) announce(`${plural(gone.length, 'run')} deleted`);
      done(gone);
      if (failed.length > 0) throw new Error(failed.slice(0, 5).join('; '));
    },
  });
}

import { readFile } from 'node:fs/promises';
import { axe, expect, shots, test, visit, type Page } from './harness';

const small = '/compare?problem=rosenbrock~beale&optimizer=sgd~momentum~adam&steps=200&trials=5&seeds=7';
const flags = ['--problem', 'rosenbrock', '--problem', 'beale', '--optimizer', 'sgd', '--optimizer', 'momentum', '--optimizer', 'adam', '--steps', '200', '--trials', '5', '--seeds', '7'];

/** The texts of a table of the report, row by row. */
async function cells(page: Page, file: string): Promise<string[][]> {
  return page.locator(`[data-table="${file}"] tbody tr`).evaluateAll((rows) => rows.map((r) => [...r.children].map((c) => c.textContent ?? '')));
}

interface Comparison {
  summary: string;
  tasks: { name: string; verdict: { text: string }; rows: { name: string; rate: number; final: { median: number }; runs: { points: { loss: number }[] }[] }[] }[];
}

test('a comparison from its form to its verdict, with the numbers of the command line', async ({ page, server, descent }) => {
  await visit(page, server, small);
  await expect(page.getByText('About 168 trainings')).toBeVisible();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page).toHaveURL(/job=/);
  await expect(page.locator('.job-state')).toHaveText('Done', { timeout: 30_000 });
  await expect(page.getByRole('heading', { name: 'Verdict' })).toBeVisible();
  await expect(page.locator('.command-line').first()).toContainText('descent compare --problem rosenbrock --problem beale --optimizer sgd');

  const said = JSON.parse(await descent('compare', ...flags, '--json', '--no-figures', '--out', 'line')) as Comparison;
  await expect(page.locator('.report .lead')).toHaveText(said.summary);
  for (const [i, task] of said.tasks.entries()) {
    await expect(page.locator('.report')).toContainText(task.verdict.text);
    await page.getByRole('tab', { name: task.name, exact: true }).click();
    const rows = await cells(page, `${task.name}-results`);
    expect(rows.map((r) => r[0])).toEqual(task.rows.map((r) => r.name));
    await expect(page).toHaveURL(i === 0 ? /job=/ : new RegExp(`task=${i}`));
    // What is downloaded has all the digits.
    const waiting = page.waitForEvent('download');
    await page.locator(`[data-table="${task.name}-results"]`).getByRole('button', { name: 'Download CSV' }).click();
    const text = await readFile((await (await waiting).path()) ?? '', 'utf8');
    const lines = text.trim().split('\r\n').slice(1).map((l) => l.split(','));
    expect(lines.map((l) => [l[0], Number(l[1]), Number(l[2])])).toEqual(task.rows.map((r) => [r.name, r.rate, r.final.median]));
  }
  await axe(page);
  await shots(page, 'compare-result');
});

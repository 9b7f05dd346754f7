import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { axe, expect, layoutShift, settled, shots, test, visit, type Page, type Server } from './harness';

/** Runs of a network on few digits, with settings of their own. */
async function trained(descent: (...args: string[]) => Promise<string>, ...runs: string[][]): Promise<string[]> {
  const ids: string[] = [];
  for (const flags of runs) {
    await descent('train', '--data', 'digits:n=600', '--model', 'mlp:16', '--epochs', '3', '--no-figures', '--quiet', ...flags);
  }
  const { runs: list } = JSON.parse(await descent('runs', '--json')) as { runs: { id: string }[] };
  for (const r of list) ids.push(r.id);
  return ids;
}

const grid = (page: Page) => page.getByRole('grid', { name: 'Runs' });
const rows = (page: Page) => grid(page).locator('.runs-body [role="row"]');

/** The points of a chart, as its table has them. */
async function points(page: Page, id: string): Promise<{ x: number; y: number }[]> {
  const figure = page.locator(`[data-figure="${id}"]`);
  const toggle = figure.getByRole('button', { name: 'Table' });
  if ((await toggle.getAttribute('aria-expanded')) === 'false') await toggle.click();
  return figure.locator('tbody tr').evaluateAll((trs) => trs.map((tr) => {
    const [x, y] = [...tr.children].map((c) => Number((c.textContent ?? '').replace(/[,\u202f]/g, '')));
    return { x: x ?? NaN, y: y ?? NaN };
  }));
}

/** The steps of a run's log. */
async function logged(server: Server, id: string): Promise<{ step: number; loss: number }[]> {
  const text = await readFile(join(server.runs, id, 'events.jsonl'), 'utf8');
  return text.split('\n').filter((l) => l.startsWith('{"event":"step"')).map((l) => JSON.parse(l) as { step: number; loss: number });
}

test('without runs the page tells how to begin', async ({ page, server }) => {
  await visit(page, server, '/runs');
  await expect(page.getByRole('heading', { name: 'There are no runs yet' })).toBeVisible();
  await axe(page);
  await shots(page, 'runs-empty');
});

test('shots', async ({ page, server, descent }) => {
  await trained(descent, ['--optimizer', 'adam', '--diagnose', 'all', '--diagnose-every', '5'], ['--optimizer', 'sgd:momentum=0.9', '--lr', '0.05'], ['--optimizer', 'sgd', '--lr', '50']);
  await visit(page, server, '/runs');
  await page.waitForTimeout(800);
  await grid(page).focus();
  await page.keyboard.press('Control+a');
  await page.waitForTimeout(800);
  await shots(page, 'runs-list');
  await page.keyboard.press('Enter');
  await page.waitForTimeout(800);
  await shots(page, 'runs-page');
  for (const tab of ['Settings', 'Diagnostics', 'Checkpoints and files']) {
    await page.getByRole('tab', { name: tab }).click();
    await page.waitForTimeout(300);
    await shots(page, `runs-${tab.slice(0, 5)}`, [1440]);
  }
  await page.getByRole('button', { name: 'Train with these settings…' }).click();
  await page.waitForTimeout(500);
  await page.screenshot({ path: 'e2e/shots/runs-form.png' });
});

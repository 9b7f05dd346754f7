import { readFile } from 'node:fs/promises';
import { axe, expect, frames, shots, test, visit } from './harness';

const small = '/tuning?function=rosenbrock&optimizer=sgd&steps=200&trials=16';
const flags = ['--function', 'rosenbrock', '--optimizer', 'sgd', '--steps', '200', '--trials', '16', '--space', 'lr=1e-5..1e-2 log', '--space', 'optimizer.momentum=0..0.99'];

interface Found {
  summary: string;
  best_experiment: string;
  tries: { number: number; rungs: { loss: number | string }[] }[];
}

test('a search from its form to the settings that are trained', async ({ page, server, descent }) => {
  await visit(page, server, small);
  await expect(page.getByText('About 45 trainings')).toBeVisible();
  await axe(page);
  await shots(page, 'tuning-form');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.locator('.job-bar .job-state')).toHaveText('Done', { timeout: 30_000 });
  await expect(page.getByRole('heading', { name: 'Result' })).toBeVisible();
  const said = JSON.parse(await descent('tune', ...flags, '--json', '--no-figures', '--out', 'line')) as Found;
  await expect(page.locator('.report .verdict').first()).toContainText(said.summary);
  await expect(page.locator('.best pre')).toHaveText(said.best_experiment.trimEnd());

  // Every try has the loss that the command line has, to the last digit.
  const figure = page.locator('[data-figure="parallel"]');
  const waiting = page.waitForEvent('download');
  await figure.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('menuitem', { name: 'Data, JSON' }).click();
  const data = JSON.parse(await readFile((await (await waiting).path()) ?? '', 'utf8')) as { columns: string[]; rows: (number | string)[][] };
  const at = data.columns.indexOf('value');
  const losses = Object.fromEntries(data.rows.map((r) => [String(r[0]), r[at]]));
  expect(losses).toEqual(Object.fromEntries(said.tries.map((t) => [String(t.number), t.rungs.at(-1)?.loss])));
  await axe(page);
  await shots(page, 'tuning-result');

  await page.getByRole('button', { name: 'Train with these settings' }).click();
  const link = page.locator('.best [role=status] a');
  await expect(link).toBeVisible();
  const id = await link.textContent();
  await expect.poll(async () => (JSON.parse(await descent('runs', '--json')) as { runs: { id: string }[] }).runs.map((r) => r.id), { timeout: 20_000 }).toContain(id);
  await link.click();
  await expect(page).toHaveURL(/\/runs\?run=/);
});

test('parallel coordinates are brushed by keyboard and by pointer', async ({ page, server }) => {
  await visit(page, server, small);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.locator('.job-bar .job-state')).toHaveText('Done', { timeout: 30_000 });
  const figure = page.locator('[data-figure="parallel"]');
  const upper = figure.getByRole('slider', { name: 'value: upper end of the brush' });
  await upper.focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press('PageDown');
  await expect(figure.getByText(/^\d+ of 16 tries within the brushes; the best is try \d+/)).toBeVisible();
  await expect(page).toHaveURL(/brush=/);
  const within = figure.locator('table').first().locator('tbody tr');
  expect(await within.count()).toBeLessThan(16);

  // What is in the address is there again.
  const text = await figure.locator('[aria-live]').textContent();
  // The address follows a moment later.
  await expect.poll(async () => {
    const before = page.url();
    await frames(page, 20);
    return page.url() === before;
  }).toBe(true);
  await page.reload();
  await expect(figure.locator('[aria-live]')).toHaveText(text ?? '');
  await figure.getByRole('slider', { name: 'value: upper end of the brush' }).focus();
  await page.keyboard.press('Escape');
  await expect(figure.locator('[aria-live]')).toHaveText('');
  await expect(page).not.toHaveURL(/brush=/);

  const box = await figure.locator('.parallel-inside').boundingBox();
  if (!box) throw new Error('the figure has no place');
  await page.mouse.move(box.x + 46, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 46, box.y + 220, { steps: 5 });
  await page.mouse.up();
  await expect(figure.locator('[aria-live]')).toContainText('within the brushes');
  await shots(page, 'tuning-brush', [1440]);
});

test('a space is built from fields, and what is wrong with it is said', async ({ page, server }) => {
  await visit(page, server, '/tuning?on=data&data=digits:n=200&model=mlp:8&optimizer=adam&epochs=1&trials=4&space=lr=1e-4..1e-1 log');
  await page.getByRole('button', { name: 'Add a dimension' }).click();
  const rows = page.locator('.space-row');
  await expect(rows).toHaveCount(2);
  const key = rows.nth(1).getByRole('combobox', { name: 'Key' });
  await key.fill('batch');
  await key.press('Enter');
  await expect(rows.nth(1).getByLabel('Scale')).toHaveValue('choice');
  await rows.nth(1).getByLabel('Choices').fill('16,32,16');
  await expect(page.locator('.space .field-error:visible')).toContainText('twice');
  await rows.nth(1).getByLabel('Choices').fill('16,32');
  await expect(page.getByText(/About \d+ trainings/)).toBeVisible();
  await expect(page).toHaveURL(/batch/);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.locator('.job-bar .job-state')).toHaveText('Done', { timeout: 60_000 });
  await expect(page.locator('.command-line').first()).toContainText("--space 'batch={16,32}'");
  await page.getByLabel('Slice along', { exact: true }).selectOption('1');
  await expect(page.locator('[data-figure="slices"]')).toContainText('batch');
});

test('a learning rate is found, or why there is none', async ({ page, server, descent }) => {
  await visit(page, server, '/tuning?mode=rate&function=rosenbrock&optimizer=sgd&steps=200');
  await page.getByRole('button', { name: 'Find the rate' }).click();
  await expect(page.locator('.job-bar .job-state')).toHaveText('Done', { timeout: 30_000 });
  const said = JSON.parse(await descent('find-lr', '--function', 'rosenbrock', '--optimizer', 'sgd', '--steps', '200', '--json', '--no-figures', '--out', 'line')) as { answer: { low: number; high: number; best: number } };
  await expect(page.locator('.verdict')).toContainText(`${said.answer.low} to ${said.answer.high}; lowest loss at ${said.answer.best}`);
  await axe(page);
  await shots(page, 'tuning-rate');

  await visit(page, server, '/tuning?mode=rate&function=5&optimizer=sgd&steps=50');
  await page.getByRole('button', { name: 'Find the rate' }).click();
  await expect(page.locator('.verdict')).toContainText('No answer: never falls', { timeout: 30_000 });
});

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

test('the map of a search is read by mouse and by keyboard, as a table and as files', async ({ page, server, descent }) => {
  const space = ['lr=1e-5..1 log', 'optimizer={sgd,adam,rmsprop}'];
  await visit(page, server, `/tuning?function=rosenbrock&optimizer=sgd&steps=200&trials=24&space=${space.map(encodeURIComponent).join('~')}`);
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.locator('.job-bar .job-state')).toHaveText('Done', { timeout: 30_000 });
  const figure = page.locator('[data-figure="heat"]');
  const map = figure.getByRole('application');
  await map.scrollIntoViewIfNeeded();
  await expect(map).toHaveAttribute('aria-label', /over lr and optimizer, 24 tries/);
  await expect(figure.locator('.map-key')).toContainText(['best', 'try', 'diverged']);

  const box = await map.boundingBox();
  if (!box) throw new Error('the map has no place');
  await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
  const read = figure.locator('.readout-box');
  await expect(read).toContainText(/^lr [\d.e+-]+, optimizer (sgd|adam|rmsprop)mean \S+ nearby.*try \d+.*at lr \S+, optimizer (sgd|adam|rmsprop)$/);

  // From choice to choice by arrows, from try to try by pages.
  await map.focus();
  const said = page.locator('#announcer');
  await page.keyboard.press('ArrowUp');
  await expect(said).toContainText(/^lr /);
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  await expect(said).toContainText(/^lr \S+, optimizer sgd: mean/);
  await page.keyboard.press('ArrowUp');
  await expect(said).toContainText(/^lr \S+, optimizer adam: mean/);
  await page.keyboard.press('Home');
  await expect(said).toContainText(/^try 1, lr /);
  await page.keyboard.press('PageDown');
  await expect(said).toContainText(/^try 2, lr /);
  await shots(page, 'tuning-map', [390, 1440]);

  const found = JSON.parse(await descent('tune', '--function', 'rosenbrock', '--optimizer', 'sgd', '--steps', '200', '--trials', '24', ...space.flatMap((d) => ['--space', d]), '--json', '--no-figures', '--out', 'line')) as { tries: { number: number; configuration: Record<string, string>; rungs: { loss: number | string }[] }[] };
  const menu = async (item: string): Promise<string> => {
    const waiting = page.waitForEvent('download');
    await figure.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('menuitem', { name: item }).click();
    return readFile((await (await waiting).path()) ?? '', 'utf8');
  };
  const data = JSON.parse(await menu('Data, JSON')) as { rows: (number | string | null)[][] };
  expect(data.rows.map((r) => r.slice(0, 4))).toEqual(found.tries.map((t) => [t.number, Number(t.configuration.lr), t.configuration.optimizer, t.rungs.at(-1)?.loss]));
  expect(await menu('SVG')).toMatch(/^<svg [^]*rmsprop[^]*<\/svg>\s*$/);
  expect((await menu('Map, CSV')).split('\r\n')[0]).toMatch(/^lr,optimizer,mean /);
  await figure.getByRole('button', { name: 'Table', exact: true }).click();
  await expect(figure.locator('.figure-table tbody tr')).toHaveCount(24);
  await figure.getByRole('button', { name: 'Command' }).click();
  await expect(figure.locator('.figure-command')).toContainText(/descent redraw \S+tune\.json heat/);
  await axe(page);
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

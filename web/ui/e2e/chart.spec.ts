import { readFile } from 'node:fs/promises';
import { expect, test, visit } from './harness';

// Every line chart is one of this kind; the schedules have two in a group.
const address = '/schedules?total=500&s=cosine~linear';

test('by mouse: cursor shared by the group, zoom by drag, all again by double click, lines hidden', async ({ page, server }) => {
  await visit(page, server, '/schedules?total=500&s=onecycle~cyclic');
  const rate = page.locator('[data-figure=schedules]');
  const momentum = page.locator('[data-figure=schedules-momentum]');
  const over = rate.locator('.u-over');
  await over.hover({ position: { x: 300, y: 100 } });
  await expect(rate.locator('.readout-x')).toContainText(/step \d+/);
  await expect(momentum.locator('.readout-x')).toHaveText((await rate.locator('.readout-x').textContent()) ?? '');
  await expect(rate.locator('.readout-dot')).toHaveCount(2);

  const box = await over.boundingBox();
  if (!box) throw new Error('the chart has no size');
  await page.mouse.move(box.x + 100, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + 250, box.y + 60, { steps: 4 });
  await page.mouse.up();
  const all = rate.getByRole('button', { name: 'Show all' });
  await expect(all).toBeEnabled();
  await expect(momentum.getByRole('button', { name: 'Show all' })).toBeEnabled();
  await over.dblclick();
  await expect(all).toBeHidden();

  const line = rate.getByRole('button', { name: 'cyclic', exact: true });
  await line.click();
  await expect(line).toHaveAttribute('aria-pressed', 'false');
  await over.hover({ position: { x: 200, y: 100 } });
  await expect(rate.locator('.readout-dot')).toHaveCount(1);
});

test('by keys: points, lines, ends and zoom are said', async ({ page, server }) => {
  await visit(page, server, address);
  const chart = page.locator('[data-figure=schedules] .chart-plot');
  const said = page.locator('#announcer');
  await chart.focus();
  for (const [key, text] of [
    ['Home', 'cosine, step 0: 0.1'], ['ArrowRight', 'cosine, step 1: '], ['ArrowDown', 'linear, step 1: '], ['End', 'linear, step 499: '],
    ['ArrowUp', 'cosine, step 499: '], ['PageUp', 'cosine, step 449: '], ['+', 'step '], ['0', 'All of it'],
  ] as const) {
    await page.keyboard.press(key);
    await expect(said).toContainText(text);
  }
});

test('by touch: a finger moves the cursor', async ({ page, server }) => {
  await visit(page, server, address);
  await page.locator('[data-figure=schedules] .u-over').dispatchEvent('pointerdown', { pointerType: 'touch', clientX: 900, clientY: 350, bubbles: true });
  await expect(page.locator('[data-figure=schedules] .readout-x')).toContainText('step');
});

test('the table, the command and the four downloads', async ({ page, server }) => {
  await visit(page, server, address);
  const figure = page.locator('[data-figure=schedules]');
  await figure.getByRole('button', { name: 'Table' }).press('Enter');
  const rows = figure.locator('tbody tr');
  await expect(rows.first()).toContainText('cosine');
  await figure.getByRole('button', { name: 'learning rate' }).click();
  await expect(figure.locator('th[aria-sort=ascending]')).toHaveText('learning rate');
  await figure.getByRole('button', { name: 'Command' }).press('Enter');
  await expect(figure.locator('.command-line code')).toContainText('descent schedules cosine --plot --total 500');

  const got = new Map<string, Buffer>();
  for (const kind of ['SVG', 'PNG', 'Data, CSV', 'Data, JSON']) {
    await figure.getByRole('button', { name: 'Download' }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: kind }).click()]);
    got.set(file.suggestedFilename(), await readFile(await file.path()));
  }
  expect([...got.keys()]).toEqual(['schedules.svg', 'schedules.png', 'schedules.csv', 'schedules.json']);
  const svg = got.get('schedules.svg')?.toString() ?? '';
  expect(svg).toContain('<title>Learning rate</title>');
  expect(svg.match(/<path /g)?.length).toBeGreaterThan(10);
  expect(got.get('schedules.png')?.subarray(1, 4).toString()).toBe('PNG');
  expect(got.get('schedules.csv')?.toString().split('\r\n')[0]).toBe('line,step,learning rate');
  const { rows: numbers } = JSON.parse(got.get('schedules.json')?.toString() ?? '{}') as { rows: unknown[] };
  expect(numbers.length).toBe(1000);
  // The picture is whole XML.
  expect(await page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror') === null, svg)).toBe(true);
});

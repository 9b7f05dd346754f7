import { readFile } from 'node:fs/promises';
import { axe, expect, layoutShift, shots, test, visit, type Page } from './harness';

async function data(page: Page, figure: string): Promise<{ columns: string[]; rows: [string, number, number][] }> {
  await page.locator(`[data-figure=${figure}]`).getByRole('button', { name: 'Download' }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Data, JSON' }).click()]);
  return JSON.parse(await readFile(await file.path(), 'utf8')) as { columns: string[]; rows: [string, number, number][] };
}

test('the curve is that of the command line, to the last digit', async ({ page, server, descent }) => {
  await visit(page, server, '/schedules?total=200&lr=0.3&s=warmup:steps=20%2Bcosine:min=0.01');
  await expect(page.locator('.overlay-choose')).toHaveCount(1);
  await expect(page.locator('[data-figure=schedules] .chart-empty')).toBeHidden();
  const told = JSON.parse(await descent('schedules', 'warmup:steps=20+cosine:min=0.01', '--total', '200', '--lr', '0.3', '--json')) as
    { curve: { step: number; rate: number }[] };
  const drawn = new Map((await data(page, 'schedules')).rows.map(([, step, rate]) => [step, rate]));
  expect(told.curve.length).toBeGreaterThanOrEqual(10);
  for (const { step, rate } of told.curve) expect(drawn.get(step), `step ${step}`).toBe(rate);
});

test('blocks are added, set, moved and removed, by keys too', async ({ page, server }) => {
  await visit(page, server, '/schedules?s=cosine');
  const blocks = page.locator('.block');
  await expect(blocks).toHaveCount(1);
  const add = page.getByRole('combobox', { name: 'Add a block at the end' });
  await add.focus();
  await page.keyboard.type('hold');
  await page.keyboard.press('Enter');
  await expect(blocks).toHaveCount(2);
  await expect(page.getByLabel('Kind of block 2')).toBeFocused();
  // The last block gave half of its steps.
  await expect(page).toHaveURL(/s=cosine:total=500%2Bhold:factor=[\d.]+,steps=\d+/);
  await page.keyboard.press('Alt+ArrowUp');
  await expect(page).toHaveURL(/s=hold:factor=[\d.]+,steps=\d+%2Bcosine:total=500/);
  await blocks.first().getByLabel('factor').fill('0.5');
  await blocks.first().getByLabel('steps').fill('50');
  await expect(page.getByLabel('As text')).toHaveValue('hold:factor=0.5,steps=50+cosine:total=500');
  await blocks.first().getByLabel('steps').fill('-5');
  await expect(blocks.first().locator('.field-error:visible')).not.toBeEmpty();
  await blocks.first().getByLabel('steps').fill('5');
  await expect(page.locator('.field-error:visible')).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove block 1, hold' }).press('Enter');
  await expect(page).toHaveURL(/s=cosine:total=500/);
  await expect(blocks).toHaveCount(1);
});

test('text with an error shows its column, and is mended', async ({ page, server }) => {
  await visit(page, server, '/schedules');
  const text = page.getByLabel('As text');
  await text.fill('warmup:steps=5+cozine');
  await expect(page.locator('.schedule-edit .field-caret mark')).toHaveText('c');
  await expect(page.locator('.schedule-edit .field-error').first()).toContainText('did you mean cosine?');
  await text.fill('(warmup:steps=100+cosine)*step');
  await expect(page.getByText('it is edited as text')).toBeVisible();
  await expect(page.locator('.schedule-copy')).toContainText('schedule.Times');
});

test('several are overlaid, momentum beside them, and copied as Go, YAML and flags', async ({ page, server, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await visit(page, server, '/schedules?s=onecycle');
  await page.getByRole('button', { name: 'Add another to compare' }).click();
  await page.getByLabel('As text').fill('cyclic');
  await expect(page).toHaveURL(/s=onecycle~cyclic/);
  const momentum = await data(page, 'schedules-momentum');
  expect(new Set(momentum.rows.map((r) => r[0]))).toEqual(new Set(['onecycle', 'cyclic']));
  await page.getByRole('tab', { name: 'Flags' }).click();
  await page.getByRole('tabpanel').getByRole('button', { name: 'Copy' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('--schedule cyclic');
  await page.getByRole('tab', { name: 'Flags' }).press('ArrowLeft');
  await expect(page.getByRole('tabpanel')).toContainText('schedule: cyclic');
  await page.goBack();
  await expect(page.locator('.overlay-choose')).toHaveCount(1);
});

test('the cursor speaks, axe and pictures', async ({ page, server }) => {
  await visit(page, server, '/schedules');
  await expect(page.locator('.overlay-choose')).toHaveCount(2);
  expect(await layoutShift(page)).toBeLessThan(0.02);
  await page.locator('[data-figure=schedules] .chart-plot').focus();
  await page.keyboard.press('End');
  await expect(page.locator('#announcer')).toContainText('step 999');
  await page.keyboard.press('Escape');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await axe(page);
  }
  await shots(page, 'schedules');
});

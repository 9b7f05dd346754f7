import { readFile } from 'node:fs/promises';
import { axe, expect, layoutShift, shots, test, visit } from './harness';

test('the bytes are those of the command line', async ({ page, server, descent }) => {
  await visit(page, server, '/memory?params=123456789&rules=sgd~adamw~lion');
  const rows = page.locator('.memory-table tbody tr');
  await expect(rows).toHaveCount(3);
  for (const [i, rule] of ['sgd', 'adamw', 'lion'].entries()) {
    const told = JSON.parse(await descent('memory', '--params', '123456789', '--optimizer', rule, '--json')) as { total: number; state: number };
    const figure = page.locator('[data-figure=memory]');
    await figure.getByRole('button', { name: 'Download' }).press(i === 0 ? 'Enter' : 'ArrowDown');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Data, JSON' }).click()]);
    const data = JSON.parse(await readFile(await file.path(), 'utf8')) as { columns: string[]; rows: (string | number)[][] };
    const row = data.rows.find((r) => r[0] === rule) ?? [];
    expect(row[data.columns.indexOf('total')]).toBe(told.total);
    expect(row[data.columns.indexOf('state')]).toBe(told.state);
  }
});

test('a model, shapes and what is wrong with them', async ({ page, server }) => {
  await visit(page, server, '/memory');
  await page.getByRole('radio', { name: 'Model' }).check();
  await expect(page).toHaveURL(/by=model/);
  await expect(page.locator('.memory-table caption')).toContainText('109,386 parameters');
  const model = page.getByLabel('Model', { exact: true }).and(page.locator('input[type=text]'));
  await model.fill('mlp:128,');
  await expect(page.locator('.field-error:visible')).not.toBeEmpty();
  await model.fill('mlp:32');
  await expect(page.locator('.memory-table caption')).toContainText('25,450 parameters');
  await expect(page.locator('.field-error:visible')).toHaveCount(0);

  await page.getByRole('radio', { name: 'Shapes' }).check();
  const shapes = page.getByLabel('Shapes of arrays, one a line');
  await shapes.fill('10x20\n[20]\n');
  await expect(page.locator('.memory-table caption')).toContainText('220 parameters');
  await shapes.fill('10x20\nwide');
  await expect(page.getByText('Line 2: want the shape of an array')).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/by=model/);
});

test('rules are added and removed by keys, and the memory gives a verdict', async ({ page, server }) => {
  await visit(page, server, '/memory?params=1e9&memory=12GB');
  await expect(page.locator('.memory-verdict .verdict-title')).toContainText(/Fits in .* with \d+ of \d+ rules/);
  const add = page.getByRole('combobox', { name: 'Rules' });
  await add.focus();
  await page.keyboard.type('adamw');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/rules=adamw/);
  await expect(page.locator('.memory-verdict')).toContainText('Does not fit');
  await add.fill('sgd:momentum=0.9');
  await page.keyboard.press('Enter');
  await expect(page.locator('.memory-table tbody tr')).toHaveCount(2);
  await page.getByRole('button', { name: 'Remove adamw' }).press('Enter');
  await expect(page.locator('.memory-table tbody tr')).toHaveCount(1);
  await add.fill('<b>none</b>');
  await page.keyboard.press('Enter');
  await expect(page.locator('.field-error:visible')).toContainText('<b>none</b>');
  await page.getByRole('application', { name: /Memory by rule/ }).focus();
});

test('bars speak, the figure is downloaded, axe and pictures', async ({ page, server }) => {
  await visit(page, server, '/memory');
  expect(await layoutShift(page)).toBeLessThan(0.02);
  await page.getByRole('application', { name: /Memory by rule/ }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#announcer')).toContainText(/parameters, .* gradients, .* state/);
  await page.getByRole('button', { name: 'Download' }).click();
  const [svg] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'SVG' }).click()]);
  expect(svg.suggestedFilename()).toBe('memory.svg');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await axe(page);
  }
  await shots(page, 'memory');
});

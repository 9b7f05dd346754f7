import { readFile } from 'node:fs/promises';
import type { Download } from '@playwright/test';
import { open, steps } from './explorer';
import { expect, test, type Page } from './harness';

async function save(page: Page, figure: string, kind: string): Promise<{ download: Download; text: string; bytes: Buffer }> {
  const frame = page.locator(`[data-figure="${figure}"]`);
  await frame.getByRole('button', { name: 'Download' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: kind, exact: true }).click()]);
  const bytes = await readFile(await download.path());
  return { download, text: bytes.toString('utf8'), bytes };
}

test('a table that is read keeps its order and the focus while the figure changes', async ({ page, server }) => {
  await open(page, server, '?steps=20&o=sgd:lr=0.001');
  const figure = page.locator('[data-figure="loss"]');
  await figure.getByRole('button', { name: 'Table' }).click();
  const head = figure.locator('thead th').nth(2);
  await head.getByRole('button').click();
  await head.getByRole('button').click();
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await expect(figure.locator('tbody tr')).toHaveCount(21);
  const steps = page.getByRole('textbox', { name: 'Steps', exact: true });
  await steps.fill('30');
  await steps.dispatchEvent('change');
  await head.getByRole('button').focus();
  await expect(figure.locator('tbody tr')).toHaveCount(31);
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await expect(head.getByRole('button')).toBeFocused();
  await expect(figure.locator('tbody tr').first()).toContainText('24.2');
});

test('the numbers are those of the command line', async ({ page, server, descent }) => {
  await open(page, server, '?f=beale&start=0.5,-0.5&o=adam:lr=0.05&steps=200&noise=0.1&seed=7');
  const figure = page.locator('[data-figure="paths"]');
  await figure.getByRole('button', { name: 'Command' }).click();
  const command = (await figure.locator('pre').textContent())!;
  expect(command).toBe('descent run --function beale --start=0.5,-0.5 --steps 200 --noise 0.1 --seed 7 --optimizer adam:lr=0.05');
  const lines = (await descent(...command.split(' ').slice(1), '--no-figures')).split('\n').map((l) => l.trim().split(/\s+/));
  const rows = lines.filter((l) => l.length === 5 && /^\d+$/.test(l[0]!));
  expect(rows.length).toBeGreaterThan(8);
  const slider = page.getByRole('slider', { name: 'Step', exact: true });
  for (const [step, x, y, f, norm] of rows) {
    await slider.fill(step!);
    await expect(async () => expect((await steps(page)).Adam?.slice(0, 5)).toEqual([step, x, y, f, norm])).toPass();
  }
});

test('the numbers of the step fit their columns, on a phone too', async ({ page, server }) => {
  const long = '?f=rosenbrock&start=-0.0000012345,0.00012345&steps=5000&schedule=cosine&o=sgd:lr=0.000123456~nesterov:lr=0.000023456~adam:lr=0.0123456~adadelta:lr=1e-9';
  for (const width of [360, 390, 800, 1100, 1440, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    await open(page, server, long);
    for (const step of ['0', '1', '4999']) {
      await expect(async () => {
        await page.getByRole('slider', { name: 'Step', exact: true }).fill(step);
        await expect(page.locator('.explore-steps caption')).toHaveText(`Step ${step}`, { timeout: 500 });
      }).toPass();
      const out = await page.locator('.explore-steps').evaluate((root) => [root, ...root.querySelectorAll('table, tbody td, tbody th')]
        .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => `${e.tagName} ${e.textContent}: ${e.scrollWidth} in ${e.clientWidth}`));
      expect(out, `${width} wide`).toEqual([]);
    }
    // Its room is kept: what is below does not move when the rows come.
    const [room, table] = await page.locator('.explore-steps').evaluate((root) => [root.firstElementChild!, root.querySelector('table')!].map((e) => e.getBoundingClientRect().height));
    expect(table).toBeLessThanOrEqual(room! + 1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
  await expect(page.getByRole('table').getByRole('row')).toHaveCount(5);
});

test('figures are downloaded', async ({ page, server }) => {
  await open(page, server, '?o=sgd:lr=0.001~adam:lr=0.2&steps=100');
  const svg = await save(page, 'paths', 'SVG');
  expect(svg.download.suggestedFilename()).toBe('paths.svg');
  expect(svg.text).toMatch(/^<svg xmlns/);
  expect(svg.text).toContain('Rosenbrock');
  expect(svg.text.match(/<path /g)!.length).toBeGreaterThan(25);
  const png = await save(page, 'paths', 'PNG');
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(png.bytes.length).toBeGreaterThan(20_000);
  const csv = await save(page, 'paths', 'Data, CSV');
  const lines = csv.text.trim().split('\r\n');
  expect(lines[0]).toBe('optimizer,lr of the run,step,x,y,f,lr,gradient x,gradient y,gradient norm,distance to minimum,momentum x,momentum y,alpha');
  expect(lines.length).toBe(1 + 2 * 101);
  expect(lines[1]).toMatch(/^sgd,0.001,0,-1.2,1,24.199999999999996,NaN,/);
  const loss = await save(page, 'loss', 'Data, CSV');
  expect(loss.text.split('\r\n').length).toBeGreaterThan(100);
});

test('long paths: every end is there', async ({ page, server }) => {
  await open(page, server, '?steps=100000&o=sgd:lr=0.0001~adam:lr=0.001');
  await expect(async () => expect((await steps(page)).SGD?.[0]).toBe('100000')).toPass();
  await page.getByRole('slider', { name: 'Step', exact: true }).fill('0');
  await expect(async () => expect((await steps(page)).SGD?.slice(0, 3)).toEqual(['0', '-1.2', '1'])).toPass();
});

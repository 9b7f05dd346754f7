import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { axe, expect, layoutShift, settled, shots, test, visit, type Page, type Server } from './harness';

type Descent = (...args: string[]) => Promise<string>;

/** Runs of a network on few digits, with settings of their own; the IDs are in the order of the runs. */
async function trained(descent: Descent, ...runs: string[][]): Promise<string[]> {
  for (const flags of runs) {
    // One that diverges ends with a code of its own.
    await descent('train', '--data', 'digits:n=600', '--model', 'mlp:16', '--epochs', '3', '--no-figures', '--quiet', ...flags).catch(() => '');
  }
  const { runs: list } = JSON.parse(await descent('runs', '--json')) as { runs: { id: string }[] };
  return list.map((r) => r.id).reverse();
}

const grid = (page: Page) => page.getByRole('grid', { name: 'Runs' });
const rows = (page: Page) => grid(page).locator('.runs-body [role="row"]');
const figure = (page: Page, id: string) => page.locator(`[data-figure="${id}"]`);

/** What a chart shows, with all digits, as its download has it. */
async function points(page: Page, id: string): Promise<{ line: string; x: number; y: number }[]> {
  const download = page.waitForEvent('download');
  await figure(page, id).getByRole('button', { name: 'Download' }).click();
  await figure(page, id).getByRole('menuitem', { name: 'Data, JSON' }).click();
  const { rows } = JSON.parse(await readFile(await (await download).path(), 'utf8')) as { rows: [string, number, number, string?][] };
  return rows.filter((r) => typeof r[2] === 'number').map(([line, x, y]) => ({ line, x, y }));
}

/** The steps of a run's log. */
async function logged(server: Server, id: string): Promise<{ x: number; y: number }[]> {
  const text = await readFile(join(server.runs, id, 'events.jsonl'), 'utf8');
  return text.split('\n').filter((l) => l.startsWith('{"event":"step"')).map((l) => JSON.parse(l) as { step: number; loss: number }).map((e) => ({ x: e.step, y: e.loss }));
}

test('runs: without any the page tells how to begin', async ({ page, server }) => {
  await visit(page, server, '/runs');
  await expect(page.getByRole('heading', { name: 'There are no runs yet' })).toBeVisible();
  await expect(page.getByText('descent train --data digits')).toBeVisible();
  await axe(page);
  await shots(page, 'runs-empty');
  await page.getByRole('button', { name: 'Train on digits' }).click();
  await expect(page.getByRole('dialog', { name: 'New training' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'data', exact: true })).toBeFocused();
  await expect(page.getByRole('listbox', { name: 'data' })).toBeHidden();
  await expect(page).toHaveURL(/new=1/);
  await axe(page);
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/new=1/);
  await expect(page.getByRole('button', { name: 'Train on digits' })).toBeFocused();
});

test('runs: a training started here is live, pauses, goes on, and outlives the server without a gap', async ({ page, server }) => {
  test.setTimeout(240_000);
  await visit(page, server, '/runs');
  await page.getByRole('button', { name: 'New training…' }).click();
  const form = page.getByRole('dialog', { name: 'New training' });
  await form.getByRole('combobox', { name: 'data', exact: true }).fill('digits:n=2000');
  await form.getByRole('combobox', { name: 'model', exact: true }).fill('mlp:16');
  await form.getByRole('textbox', { name: 'lr', exact: true }).fill('-1');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(form.getByText('-1, want')).toBeVisible();
  await form.getByRole('textbox', { name: 'lr', exact: true }).fill('0.01');
  await form.getByRole('combobox', { name: 'optimizer', exact: true }).fill('no-such-rule');
  await form.getByRole('combobox', { name: 'optimizer', exact: true }).press('Tab');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(form.locator('.field-error:visible')).toContainText('no-such-rule');
  await page.screenshot({ path: 'e2e/shots/runs-form.png' });
  await form.getByRole('combobox', { name: 'optimizer', exact: true }).fill('adam');
  await form.getByRole('combobox', { name: 'optimizer', exact: true }).press('Tab');
  await form.getByRole('combobox', { name: 'model', exact: true }).fill('mlp:1024,1024');
  await form.getByRole('combobox', { name: 'model', exact: true }).press('Tab');
  await form.getByRole('textbox', { name: 'batch', exact: true }).fill('256');
  await form.getByRole('textbox', { name: 'epochs', exact: true }).fill('190');
  await expect(form.getByText('descent train --data digits:n=2000 --model mlp:1024,1024 --optimizer adam --lr 0.01 --epochs 190 --batch 256')).toBeVisible();
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(form).toBeHidden();
  await expect(page).toHaveURL(/run=/);
  const id = new URL(page.url()).searchParams.get('run') ?? '';

  const seen = async (): Promise<number> => Number((await page.locator('.runs-facts div', { hasText: 'steps' }).locator('dd').innerText().catch(() => '0')).replace(/ of .*/, '').replace(/,/g, ''));
  await expect(page.locator('.badge[data-status="running"]')).toBeVisible({ timeout: 30_000 });
  await expect.poll(seen, { timeout: 60_000 }).toBeGreaterThan(3);

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.locator('.badge[data-status="paused"]')).toBeVisible({ timeout: 60_000 });
  const before = (await logged(server, id)).length;
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(async () => (await logged(server, id)).length, { timeout: 60_000 }).toBeGreaterThan(before + 3);

  await server.kill();
  await expect(page.locator('.banner')).toContainText('does not answer', { timeout: 20_000 });
  const away = (await logged(server, id)).length;
  await expect.poll(async () => (await logged(server, id)).length, { timeout: 60_000 }).toBeGreaterThan(away + 2);
  await server.start();
  await expect(page.locator('.banner')).toBeHidden({ timeout: 20_000 });
  await expect(page.locator('.badge[data-status="finished"]')).toBeVisible({ timeout: 150_000 });
  await expect.poll(async () => (await points(page, 'runs-loss')).length, { timeout: 20_000 }).toBe((await logged(server, id)).length);
  const shown = (await points(page, 'runs-loss')).map(({ x, y }) => ({ x, y }));
  const written = await logged(server, id);
  expect(shown).toEqual(written);
  expect(new Set(written.map((s) => s.x)).size).toBe(written.length);
});

test('runs: a stream alone draws what the log has, every step once', async ({ page, server, descent }) => {
  test.setTimeout(120_000);
  await visit(page, server, '/runs');
  const training = descent('train', '--data', 'digits:n=1000', '--model', 'mlp:1536,1536', '--batch', '256', '--epochs', '120', '--no-figures', '--quiet');
  await expect(rows(page)).toHaveCount(1, { timeout: 20_000 });
  const id = (await rows(page).first().locator('a').getAttribute('title')) ?? '';
  await rows(page).first().locator('a').click();
  await expect(page.getByText('Started elsewhere')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeHidden();
  await expect(figure(page, 'runs-loss')).toBeVisible({ timeout: 20_000 });
  // From here on no curves are asked for: what comes, comes by the stream.
  const asked: string[] = [];
  page.on('request', (r) => { if (r.url().includes('/api/runs/curves')) asked.push(r.url()); });
  await training;
  await expect(page.locator('.badge[data-status="finished"]')).toBeVisible({ timeout: 20_000 });
  await expect.poll(async () => (await points(page, 'runs-loss')).length).toBe((await logged(server, id)).length);
  const shown = (await points(page, 'runs-loss')).map(({ x, y }) => ({ x, y }));
  expect(shown).toEqual(await logged(server, id));
  expect(asked).toEqual([]);
});

test('runs: a double click opens a run, and leaves what is selected', async ({ page, server, descent }) => {
  for (const seed of ['1', '2']) await descent('train', '--function', 'rosenbrock', '--steps', '5', '--seed', seed, '--quiet');
  await visit(page, server, '/runs');
  const row = page.locator('.runs-body .runs-row').nth(1);
  const id = (await row.locator('a').getAttribute('title'))!;
  await row.getByRole('gridcell').nth(2).dblclick();
  await expect(page.getByRole('heading', { name: id })).toBeVisible();
  await page.goBack();
  await expect(page.locator('.runs-body .runs-row').nth(1)).toHaveAttribute('aria-selected', 'false');
});

test('runs: text selected from inside the form to outside does not close it', async ({ page, server }) => {
  await visit(page, server, '/runs?new=1');
  const form = page.getByRole('dialog', { name: 'New training' });
  await expect(form).toBeVisible();
  const field = (await form.getByRole('combobox', { name: 'model' }).boundingBox())!;
  await page.mouse.move(field.x + field.width / 2, field.y + field.height / 2);
  await page.mouse.down();
  await page.mouse.move(5, 400, { steps: 4 });
  await page.mouse.up();
  await expect(form).toBeVisible();
  await page.mouse.click(5, 400);
  await expect(form).toBeHidden();
});

test('runs: filter, sort, tags with HTML, compare and delete, by keyboard', async ({ page, server, descent }) => {
  const ids = await trained(descent, ['--optimizer', 'adam'], ['--optimizer', 'sgd', '--lr', '0.5'], ['--optimizer', 'sgd', '--lr', '0.05']);
  await visit(page, server, '/runs');
  await expect(rows(page)).toHaveCount(3);
  const condition = page.getByLabel('Condition', { exact: true });
  await condition.fill('optimizer=sgd');
  await condition.press('Enter');
  await expect(rows(page)).toHaveCount(2);
  await condition.fill('lr<0.1');
  await condition.press('Enter');
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/lr/);
  await page.reload();
  await settled(page);
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'Remove lr<0.1' }).click();
  await expect(rows(page)).toHaveCount(2);
  await condition.fill('nope=1');
  await condition.press('Enter');
  await expect(page.locator('.runs-filter .field-error')).toContainText('nope');
  await page.getByRole('button', { name: 'Remove nope=1' }).click();
  await page.getByRole('button', { name: 'Remove optimizer=sgd' }).click();
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole('columnheader', { name: 'loss' }).first().getByRole('button').click();
  await expect(page).toHaveURL(/sort=final_loss/);
  await page.getByRole('columnheader', { name: 'run' }).getByRole('button').click();
  await expect(page).toHaveURL(/sort=id/);
  const sorted = [...ids].sort();
  for (const [i, id] of sorted.entries()) await expect(rows(page).nth(i)).toContainText(id.slice(-4));

  await grid(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  await expect(rows(page).nth(0)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByText('3 runs; 2 selected')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Differences' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Settings that differ' })).toContainText('optimizer');
  expect(new Set((await points(page, 'runs-loss')).map((p) => p.line)).size).toBe(2);

  await page.getByRole('button', { name: 'Tags…' }).click();
  const tags = page.getByRole('dialog');
  await expect(tags.getByLabel('Add a tag')).toBeFocused();
  const evil = '<img/src=x>';
  await tags.getByLabel('Add a tag').fill(evil);
  await tags.getByLabel('Add a tag').press('Enter');
  await expect(tags.locator('.field-error')).toBeVisible(); // a slash is not allowed in a tag
  await tags.getByLabel('Add a tag').fill('<b>bold</b>'.replace('/', ''));
  await tags.getByLabel('Add a tag').press('Enter');
  await expect(tags.getByText('<b>bold<b>')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(grid(page).getByText('<b>bold<b>')).toHaveCount(2);
  await expect(grid(page).locator('b')).toHaveCount(0);
  await page.getByRole('button', { name: '<b>bold<b>', exact: true }).click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('button', { name: '<b>bold<b>', exact: true }).click();

  await axe(page);
  await grid(page).focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('End');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Keep' })).toBeFocused();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 run' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(rows(page)).toHaveCount(2);
  const left = JSON.parse(await descent('runs', '--json')) as { runs: unknown[] };
  expect(left.runs).toHaveLength(ids.length - 1);

  await grid(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/run=/);
  await expect(page.getByRole('link', { name: 'All runs' })).toBeVisible();
  await page.goBack();
  await expect(grid(page)).toBeVisible();
});

test('runs: curves are those of the log, smoothed, grouped, zoomed, and downloaded', async ({ page, server, descent }) => {
  const seeds = ['1', '2', '3'].map((s) => ['--optimizer', 'adam', '--seed', s]);
  const ids = await trained(descent, ...seeds, ['--optimizer', 'sgd', '--lr', '0.1', '--diagnose', 'all', '--diagnose-every', '5'], ['--optimizer', 'sgd', '--lr', '1e6']);
  const compared: string[] = [];
  page.on('request', (r) => { if (r.url().includes('/api/runs/compare')) compared.push(r.url()); });
  await visit(page, server, `/runs?selected=${ids.join('~')}&smooth=0.6&logy=1`);
  await expect(figure(page, 'runs-loss')).toBeVisible();
  await expect(page.getByText('Average with decay 0.6').first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Differences' })).toBeVisible();
  expect(await layoutShift(page)).toBeLessThan(0.02);
  expect(compared).toHaveLength(1);
  await page.getByLabel('Group by').selectOption('optimizer');
  await expect(figure(page, 'runs-loss').getByRole('button', { name: 'optimizer adam (3 runs)' })).toBeVisible();
  await shots(page, 'runs-groups');
  await page.getByLabel('Group by').selectOption('');
  await shots(page, 'runs-list');
  await axe(page);

  await visit(page, server, `/runs?run=${ids[3]}`);
  await expect.poll(async () => (await points(page, 'runs-loss')).map(({ x, y }) => ({ x, y }))).toEqual(await logged(server, ids[3] ?? ''));
  const chart = figure(page, 'runs-loss').getByRole('application');
  await chart.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#announcer')).toContainText('step 2:');
  await page.keyboard.press('+');
  await expect(figure(page, 'runs-loss').getByRole('button', { name: 'Show all' })).toBeEnabled();
  await page.keyboard.press('0');
  await page.getByRole('radio', { name: 'epoch' }).click();
  await expect(page).toHaveURL(/x=epoch/);
  await figure(page, 'runs-loss').getByRole('button', { name: 'Command' }).click();
  await expect(page.getByText(`descent runs plot ${ids[3]} --x epoch`)).toBeVisible();
  for (const kind of ['SVG', 'PNG']) {
    const download = page.waitForEvent('download');
    await figure(page, 'runs-loss').getByRole('button', { name: 'Download' }).click();
    await figure(page, 'runs-loss').getByRole('menuitem', { name: kind }).click();
    expect((await readFile(await (await download).path())).length).toBeGreaterThan(1000);
  }
  await shots(page, 'runs-page');
  for (const [tab, text] of [['Settings', 'experiment.yaml'], ['Diagnostics', 'sharpness'], ['Checkpoints and files', 'events.jsonl']] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await expect(page.getByRole('tabpanel').getByText(text).first()).toBeVisible();
    if (tab === 'Settings') {
      const typed = page.locator('section', { hasText: 'The command that it was run with' }).locator('code');
      await expect(typed).toHaveText('descent train --data digits:n=600 --model mlp:16 --epochs 3 --no-figures --quiet --optimizer sgd --lr 0.1 --diagnose all --diagnose-every 5');
    }
    await axe(page);
    await shots(page, `runs-${tab.toLowerCase().split(' ')[0]}`);
  }
});

test('runs: plots in a row are in line, whatever wraps above them', async ({ page, server, descent }) => {
  const ids = await trained(descent, ...['1', '2', '3', '4', '5'].map((s) => ['--optimizer', 'adam', '--lr', `0.0${s}`, '--seed', s]), ['--optimizer', 'sgd', '--lr', '0.1', '--diagnose', 'all', '--diagnose-every', '5']);
  for (const width of [1440, 1920, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await visit(page, server, `/runs?selected=${ids.join('~')}&curves=loss~sharpness~val_loss~rate~val_accuracy&smooth=0.5`);
    await expect(page.locator('.runs-charts .chart-plot canvas')).toHaveCount(5);
    const figures = await page.locator('.runs-charts > figure').evaluateAll((all) => all.map((f) => {
      const box = (selector: string): DOMRect => f.querySelector(selector)!.getBoundingClientRect();
      return { bottom: Math.round(f.getBoundingClientRect().bottom), title: Math.round(box('.figure-head').bottom), top: Math.round(box('.chart-plot').top), height: box('.chart-plot').height, legend: box('.legend').height, caption: Math.round(box('.chart-plot').bottom) };
    }));
    expect(new Set(figures.map((f) => f.height)).size).toBe(1);
    expect(new Set(figures.map((f) => f.legend)).size).toBeGreaterThan(1); // there is something to be put in line
    const rows = new Map<number, typeof figures>();
    for (const f of figures) rows.set(f.title, [...rows.get(f.title) ?? [], f]);
    expect(rows.size).toBe(width === 390 ? 5 : Math.ceil(5 / Math.max(...[...rows.values()].map((r) => r.length))));
    for (const row of rows.values()) expect(new Set(row.map((f) => f.top)).size).toBe(1);
    await page.screenshot({ path: `e2e/shots/runs-inline-${width}.png`, fullPage: true });
  }
  expect(await layoutShift(page)).toBeLessThan(0.02);
});

/** Writes the folder of a run that has ended. */
async function plant(server: Server, id: string, settings: string): Promise<void> {
  const dir = join(server.runs, id);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'experiment.yaml'), settings);
  await writeFile(join(dir, 'events.jsonl'), '{"event":"started","t":0,"optimizer":"adam","rate":0.1,"parameters":1,"state_bytes":0,"steps":2,"steps_per_epoch":0,"epochs":0}\n' +
    '{"event":"step","t":0.1,"step":1,"epoch":0,"loss":2,"rate":0.1}\n{"event":"step","t":0.2,"step":2,"epoch":0,"loss":1,"rate":0.1}\n{"event":"finished","t":0.2,"result":null}\n');
}

test('runs: two thousand stay smooth', async ({ page, server }) => {
  test.setTimeout(120_000);
  for (let i = 0; i < 2000; i++) {
    const second = new Date(Date.UTC(2026, 10, 1) + 1000 * i).toISOString().replace(/[-:]|\..*/g, '').replace('T', '-');
    await plant(server, `${second}-run-${String(i).padStart(4, '0')}`, `optimizer: ${i % 2 ? 'adam' : 'sgd'}\nlr: ${(i % 7) / 100}\nseed: ${i}\nmodel: mlp:64\ndata: digits\n`);
  }
  await visit(page, server, '/runs');
  await expect(page.getByText('2,000 runs').first()).toBeVisible({ timeout: 30_000 });
  expect(await rows(page).count()).toBeLessThan(60);
  await expect(rows(page).first().locator('.runs-spark path')).toBeVisible();
  expect(await layoutShift(page)).toBeLessThan(0.02);
  const asked: string[] = [];
  page.on('request', (r) => { if (r.url().includes('/api/runs/sparks')) asked.push(r.url()); });
  const measured = await grid(page).evaluate(async (element) => {
    const tasks: number[] = [];
    new PerformanceObserver((l) => l.getEntries().forEach((e) => tasks.push(e.duration))).observe({ entryTypes: ['longtask'] });
    const frames: number[] = [];
    let last = performance.now();
    for (let k = 0; k < 120; k++) {
      element.scrollTop += 400;
      await new Promise((done) => requestAnimationFrame(done));
      frames.push(performance.now() - last);
      last = performance.now();
    }
    frames.sort((a, b) => a - b);
    return { median: frames[60] ?? NaN, p95: frames[114] ?? NaN, longest: Math.max(0, ...tasks) };
  });
  console.log(`2,000 runs, scrolled: frames of ${measured.median.toFixed(1)} ms, 95 % below ${measured.p95.toFixed(1)} ms; longest task ${measured.longest.toFixed(0)} ms`);
  await expect(rows(page).last()).toBeVisible();
  // Small curves are asked for where the rows stay in sight, not for all that went by; they move nothing.
  await expect(rows(page).last().locator('.runs-spark path')).toBeVisible();
  await expect(rows(page).first().locator('.runs-spark path')).toBeVisible();
  expect(asked.length).toBeLessThan(10);
  expect(await layoutShift(page)).toBeLessThan(0.02);
  await grid(page).focus();
  await page.keyboard.press('End');
  await expect(grid(page).locator('.runs-row.active')).toContainText('run-0000');
  await page.getByLabel('Condition', { exact: true }).fill('seed<10');
  await page.getByLabel('Condition', { exact: true }).press('Enter');
  await expect(page.getByText('10 of 2,000 runs')).toBeVisible();
});

test('runs: a million points draw at once', async ({ page, server }) => {
  test.setTimeout(120_000);
  const id = '20261122-120000-long-aaaa';
  await plant(server, id, 'optimizer: adam\nlr: 0.1\n');
  const log = await open(join(server.runs, id, 'events.jsonl'), 'w');
  await log.write('{"event":"started","t":0,"optimizer":"adam","rate":0.1,"parameters":1,"state_bytes":0,"steps":1000000,"steps_per_epoch":100,"epochs":0}\n');
  for (let block = 0; block < 100; block++) {
    const lines: string[] = [];
    for (let i = block * 10_000 + 1; i <= (block + 1) * 10_000; i++) {
      const loss = i === 654_321 ? 1e3 : 2.3 / Math.sqrt(i) + 0.01 * Math.abs(Math.sin(i * 12.9898));
      lines.push(`{"event":"step","t":${i / 1e4},"step":${i},"epoch":${Math.floor((i - 1) / 100)},"loss":${loss},"rate":0.1,"examples":32,"grad_norm":${Math.sqrt(loss)}}\n`);
    }
    await log.write(lines.join(''));
  }
  await log.write('{"event":"finished","t":100,"result":null}\n');
  await log.close();
  const took = (): Promise<number[]> => page.evaluate(() => performance.getEntriesByName('runs: asked to drawn').map((e) => e.duration));
  await visit(page, server, `/runs?run=${id}`);
  await expect.poll(async () => (await took()).length, { timeout: 30_000 }).toBeGreaterThan(0);
  const [cold = NaN] = await took();
  for (const axis of ['epoch', 'seconds', 'examples', 'step']) {
    const before = (await took()).length;
    await page.getByRole('radio', { name: axis }).click();
    await expect.poll(async () => (await took()).length).toBeGreaterThan(before);
  }
  const warm = (await took()).slice(1).sort((a, b) => a - b);
  console.log(`1,000,000 points, asked to drawn: ${cold.toFixed(0)} ms at first, then ${warm.map((v) => v.toFixed(0)).join(', ')} ms`);
  const shown = await points(page, 'runs-loss');
  expect(shown.length).toBeLessThan(5000);
  expect(shown.some((p) => p.x === 654_321 && p.y === 1e3)).toBe(true); // no spike is lost
  await page.screenshot({ path: 'e2e/shots/runs-million.png' });

  // A part of it is drawn from all the points that it has.
  const chart = figure(page, 'runs-loss').getByRole('application');
  await chart.focus();
  for (let k = 0; k < 10; k++) {
    const before = (await took()).length;
    await page.keyboard.press('+');
    await expect.poll(async () => (await took()).length).toBeGreaterThan(before);
  }
  const part = await points(page, 'runs-loss');
  expect(part.length).toBeGreaterThan(800);
  expect(part.every((p, i) => i === 0 || p.x === (part[i - 1]?.x ?? NaN) + 1)).toBe(true);
  await figure(page, 'runs-loss').getByRole('button', { name: 'Show all' }).click();
  await expect.poll(async () => (await points(page, 'runs-loss')).some((p) => p.x === 654_321)).toBe(true);
});

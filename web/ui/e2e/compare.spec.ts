import { readFile, writeFile } from 'node:fs/promises';
import { axe, expect, layoutShift, settled, shots, test, visit, type Page } from './harness';

const small = '/compare?problem=rosenbrock~beale&optimizer=sgd~momentum~adam&steps=200&trials=5&seeds=7';
const flags = ['--problem', 'rosenbrock', '--problem', 'beale', '--optimizer', 'sgd', '--optimizer', 'momentum', '--optimizer', 'adam', '--steps', '200', '--trials', '5', '--seeds', '7'];
// Long enough to be seen at work: some seconds.
const long = '/compare?problem=rosenbrock&optimizer=sgd~adam&steps=400000&trials=4&seeds=7';

interface Comparison {
  summary: string;
  tasks: { name: string; verdict: { text: string }; rows: { name: string; rate: number; final: { median: number } }[] }[];
}

/** The texts of a table of the report, row by row. */
async function cells(page: Page, file: string): Promise<string[][]> {
  return page.locator(`[data-table="${file}"] tbody tr`).evaluateAll((rows) => rows.map((r) => [...r.children].map((c) => c.textContent ?? '')));
}

async function state(page: Page, word: string): Promise<void> {
  await expect(page.locator('.job-bar .job-state')).toHaveText(word, { timeout: 60_000 });
}

/** Takes what a click downloads, as text. */
async function downloaded(page: Page, click: () => Promise<void>): Promise<string> {
  const waiting = page.waitForEvent('download');
  await click();
  return readFile((await (await waiting).path()) ?? '', 'utf8');
}

test('a comparison from its form to its verdict, with the numbers of the command line', async ({ page, server, descent }) => {
  await visit(page, server, small);
  await expect(page.getByText('About 168 trainings')).toBeVisible();
  await axe(page);
  await shots(page, 'compare-form');
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page).toHaveURL(/job=/);
  await state(page, 'Done');
  await expect(page.getByRole('heading', { name: 'Verdict' })).toBeVisible();
  await expect(page.locator('.command-line').first()).toContainText('descent compare --problem rosenbrock --problem beale --optimizer sgd');

  const said = JSON.parse(await descent('compare', ...flags, '--json', '--no-figures', '--out', 'line')) as Comparison;
  await expect(page.locator('.report .lead')).toHaveText(said.summary);
  for (const [i, task] of said.tasks.entries()) {
    await expect(page.locator('.report')).toContainText(task.verdict.text);
    await page.getByRole('tab', { name: task.name, exact: true }).click();
    await expect(page).toHaveURL(i === 0 ? /job=/ : new RegExp(`task=${i}`));
    expect((await cells(page, `${task.name}-results`)).map((r) => r[0])).toEqual(task.rows.map((r) => r.name));
    const text = await downloaded(page, () => page.locator(`[data-table="${task.name}-results"]`).getByRole('button', { name: 'Download CSV' }).click());
    const lines = text.trim().split('\r\n').slice(1).map((l) => l.split(','));
    expect(lines.map((l) => [l[0], Number(l[1]), Number(l[2])])).toEqual(task.rows.map((r) => [r.name, r.rate, r.final.median]));
  }
  await axe(page);
  await shots(page, 'compare-result');

  // The same table, sorted by its numbers.
  const table = page.locator('[data-table="beale-results"]');
  await table.getByRole('button', { name: 'median' }).click();
  const medians = said.tasks[1]?.rows.map((r) => r.final.median).sort((a, b) => a - b);
  expect((await cells(page, 'beale-results')).map((r) => r[0])).toEqual(medians?.map((m) => said.tasks[1]?.rows.find((r) => r.final.median === m)?.name));

  const figure = page.locator('[data-figure="beale-convergence"]');
  const menu = async (item: string): Promise<void> => {
    await figure.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const svg = await downloaded(page, () => menu('SVG'));
  expect(svg).toMatch(/^<svg [^]*momentum[^]*<\/svg>\s*$/);
  expect(await downloaded(page, () => menu('Data, CSV'))).toContain('momentum,');
  await figure.getByRole('button', { name: 'Command' }).click();
  await expect(figure.locator('.figure-command')).toContainText(/descent redraw \S+compare\.json beale-convergence/);

  // The report of the command itself, as a page that may do nothing.
  const report = await page.request.get(`${server.origin}${await page.getByRole('link', { name: 'report.html' }).getAttribute('href')}`);
  expect(report.headers()['content-security-policy']).toContain('sandbox');
  const html = await report.text();
  for (const row of await cells(page, 'beale-results')) for (const cell of row) expect(html).toContain(cell);
});

test('paths on one contour are read by mouse and by keyboard, as a table and as files', async ({ page, server, descent }) => {
  await visit(page, server, small);
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await state(page, 'Done');
  await page.getByRole('tab', { name: 'beale' }).click();
  const figure = page.locator('[data-figure="beale-paths"]');
  const map = figure.getByRole('application');
  await map.scrollIntoViewIfNeeded();
  await expect(map).toHaveAttribute('aria-label', /f over x and y, 3 paths/);
  await expect(figure.locator('.legend-item')).toHaveText(['sgd', 'momentum', 'adam', 'start', 'minimum']);

  // The mouse reads the place under it, and the path that is nearest.
  const box = await map.boundingBox();
  if (!box) throw new Error('the map has no place');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3);
  const read = figure.locator('.readout-box');
  await expect(read).toBeVisible();
  await expect(read).toHaveText(/^x -?[\d.e-]+, y -?[\d.e-]+f[\d.e+-]+(sgd|momentum|adam), step \d+[\d.e+-]+.*at x /);
  await page.mouse.move(5, 5);
  await expect(read).toBeHidden();

  // So do arrow keys, which say it, and Page Down goes along the path.
  await map.focus();
  const said = page.locator('#announcer');
  await page.keyboard.press('ArrowRight');
  await expect(said).toContainText(/^x [^:]+: f [\d.e+-]+\. Nearest: /);
  const middle = await said.textContent();
  await page.keyboard.press('Shift+ArrowUp');
  await expect(said).not.toHaveText(middle ?? '');
  await expect(read).toBeVisible();
  await page.keyboard.press('Home');
  await expect(said).toContainText(/, step 0, x 1, y 1: 14\.2031/);
  await page.keyboard.press('PageDown');
  await expect(said).toContainText(/, step [1-9]/);
  const rule = (await said.textContent())?.split(',')[0] ?? '';
  await page.keyboard.press('n');
  await expect(said).toHaveText(new RegExp(`^(?!${rule},)(sgd|momentum|adam), step `));
  await shots(page, 'compare-map', [390, 1440]);
  await page.keyboard.press('Escape');
  await expect(read).toBeHidden();

  // One path alone, then all again.
  await figure.getByRole('button', { name: 'adam', exact: true }).click({ modifiers: ['Shift'] });
  await expect(figure.locator('.legend-item[aria-pressed="true"]')).toHaveText(['adam']);
  await figure.getByRole('button', { name: 'adam', exact: true }).click({ modifiers: ['Shift'] });
  await expect(figure.locator('.legend-item[aria-pressed="true"]')).toHaveCount(3);

  // Every point of every path is that of the command line.
  const result = JSON.parse(await descent('compare', ...flags, '--json', '--no-figures', '--out', 'line')) as { tasks: { paths: { name: string; x: number[]; y: number[]; step: number[]; final: number }[] }[] };
  const paths = result.tasks[1]?.paths ?? [];
  const menu = async (item: string): Promise<string> => downloaded(page, async () => {
    await figure.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  });
  const data = JSON.parse(await menu('Data, JSON')) as { columns: string[]; rows: (number | string | null)[][] };
  expect(data.columns).toEqual(['rule', 'step', 'x', 'y', 'f', 'end']);
  expect(data.rows.map((r) => r.slice(0, 4))).toEqual(paths.flatMap((p) => p.step.map((step, i) => [p.name, step, p.x[i], p.y[i]])));
  expect(data.rows.filter((r) => r[5] === 'end').map((r) => r[4])).toEqual(paths.map((p) => p.final));
  const svg = await menu('SVG');
  expect(svg).toMatch(/^<svg [^]*momentum[^]*<\/svg>\s*$/);
  expect((await menu('Data, CSV')).split('\r\n')[0]).toBe('rule,step,x,y,f,end');
  expect((await menu('Map, CSV')).trim().split('\r\n')).toHaveLength(128 * 128 + 1);
  expect((await menu('PNG')).slice(1, 4)).toBe('PNG');
  expect((await menu('GIF')).slice(0, 6)).toBe('GIF89a');

  await figure.getByRole('button', { name: 'Table', exact: true }).click();
  await expect(figure.locator('.figure-table tbody tr').first()).toContainText('sgd');
  await figure.getByRole('button', { name: 'Command' }).click();
  await expect(figure.locator('.figure-command')).toContainText(/descent redraw \S+compare\.json beale-paths/);

  const animate = figure.getByRole('button', { name: 'Animate' });
  await animate.click();
  await expect(animate).toHaveAttribute('aria-pressed', 'true');
  await animate.click();
  await expect(animate).toHaveAttribute('aria-pressed', 'false');
  await axe(page);
  // Nothing is animated for who asked for less movement.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.reload();
  await expect(figure.locator('.map-key').first()).toBeVisible();
  await expect(animate).toBeHidden();
});

test('a path that diverges is marked where it leaves the map, and says why', async ({ page, server }) => {
  await visit(page, server, '/compare?problem=rosenbrock&optimizer=sgd:lr=0.05~adam:lr=0.5&steps=60&trials=1&seeds=5');
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await state(page, 'Done');
  const figure = page.locator('[data-figure="rosenbrock-paths"]');
  await expect(figure.locator('.map-key')).toHaveText(['start', 'minimum', 'diverged']);
  await figure.getByRole('application').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('End');
  await expect(page.locator('#announcer')).toContainText(/^sgd, step \d+, x \S+, y \S+, beyond the map: \S+, diverged at step \d+: /);
  await expect(figure.locator('.readout-box .said')).toContainText('diverged at step');
  await shots(page, 'compare-diverged', [390, 1440]);
  await page.getByRole('application').nth(0).focus();
  await expect(figure.locator('.readout-box')).toBeHidden();
});

test('a comparison by keyboard alone', async ({ page, server }) => {
  await visit(page, server, small);
  await expect(page.getByText('About 168 trainings')).toBeVisible();
  const reach = async (name: string | RegExp): Promise<void> => {
    for (let i = 0; i < 120; i++) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
      if (typeof name === 'string' ? here.trim().startsWith(name) : name.test(here.trim())) return;
    }
    throw new Error(`the Tab key does not reach ${name}`);
  };
  await page.locator('main > h1').focus();
  await reach('Remove rule 2: momentum');
  await page.keyboard.press('Enter');
  await expect(page.getByText('About 112 trainings')).toBeVisible();
  await reach('Compare');
  await page.keyboard.press('Enter');
  await state(page, 'Done');
  await expect(page.getByRole('heading', { name: 'Verdict' })).toBeVisible();
  await page.locator('main > h1').focus();
  await reach(/^rosenbrock$/);
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'beale' })).toHaveAttribute('aria-selected', 'true');
  await reach('Convergence');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('End');
  await expect(page.locator('#announcer')).toContainText('sgd');
});

test('trials are seen as they come in; pause, resume, reload, a server that is killed, stop', async ({ page, server }) => {
  test.setTimeout(180_000);
  await visit(page, server, long);
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await state(page, 'Running');
  const said = page.locator('.lab-progress-text');
  await expect(said).toContainText(/[1-9]\d* of 54 trainings/);
  await page.getByRole('button', { name: 'Pause' }).click();
  await state(page, 'Paused');
  const rows = page.locator('.live table tbody tr');
  await expect(rows).toHaveCount(2);
  const saved = async (): Promise<number> => {
    const id = new URL(page.url()).searchParams.get('job') ?? '';
    return (await readFile(`${server.runs}/.serve/jobs/${id}/events.jsonl`, 'utf8')).split('\n').filter((l) => l.includes('"event":"trial_done"')).length;
  };
  await page.reload();
  await settled(page);
  await expect(said).toContainText(`${await saved()} of 54 trainings`);
  await axe(page);
  await shots(page, 'compare-live');
  await page.getByRole('button', { name: 'Resume' }).click();
  await state(page, 'Running');
  await server.kill();
  await expect(page.locator('.banner')).toContainText('does not answer');
  await server.start();
  await state(page, 'Done');
  await expect(page.locator('.report .verdict')).toHaveCount(1);
  const shift = await layoutShift(page);
  expect(shift).toBeLessThan(0.1);

  // Another one, stopped and deleted.
  await page.getByRole('button', { name: 'Change and start again' }).click();
  await expect(page.getByLabel('Steps')).toHaveValue('400000');
  await page.getByLabel('Seeds').fill('9');
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await state(page, 'Running');
  await page.getByRole('button', { name: 'Stop' }).click();
  await state(page, 'Stopped');
  await page.getByRole('button', { name: 'Delete…' }).click();
  const asks = page.getByRole('dialog', { name: 'Delete?' });
  await expect(asks.getByRole('button', { name: 'Keep' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(asks).toBeHidden();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await asks.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.locator('.job-list li')).toHaveCount(1);
  await expect(page.locator('.job-list')).toContainText('--seeds 7');
});

test('what is wrong is said where it is wrong, and markup in names stays text', async ({ page, server }) => {
  const name = '<img src=x onerror=alert(1)>';
  await writeFile(`${server.dir}/evil.yaml`, `function: rosenbrock\nsteps: 50\nname: "${name}"\n`);
  await visit(page, server, '/compare?problem=evil.yaml~rosenbrok&optimizer=sgd~adamm&trials=3&seeds=3');
  const error = page.locator('.list-field .field-error:visible');
  await expect(error).toContainText('adamm');
  await expect(page.getByRole('button', { name: 'Compare', exact: true })).toBeDisabled();
  await page.getByRole('button', { name: 'Remove rule 2: adamm' }).click();
  await expect(error).toContainText('rosenbrok');
  await page.getByRole('button', { name: 'Remove problem 2: rosenbrok' }).click();
  await expect(page.getByText(/About \d+ trainings/)).toBeVisible();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await state(page, 'Done');
  await expect(page.locator('.verdict-title')).toContainText(name);
  expect(await page.locator('main img').count()).toBe(0);
});

test('every preset is a comparison that could start', async ({ page, server }) => {
  await visit(page, server, '/compare');
  const estimate = page.locator('.estimate');
  await expect(estimate).toContainText('8 rules × 2 problems');
  for (const [name, what] of [
    ['Adam and its kin', '6 rules × 1 problem'], ['What momentum buys', '3 rules × 2 problems'], ['Six functions', '4 rules × 6 problems'],
    ['A quick look', '3 rules × 1 problem'], ['The classic family', '8 rules × 2 problems'],
  ] as const) {
    await page.getByRole('button', { name, exact: true }).click();
    await expect(estimate).toContainText(what);
    await expect(page.locator('.field-error:visible')).toHaveCount(0);
  }
});

test('compare: what is started is started once, whatever is answered meanwhile', async ({ page, server }) => {
  let plan: () => void = () => {};
  let begin: () => void = () => {};
  let started = 0;
  await page.route('**/api/jobs/plan', async (route) => {
    await new Promise<void>((done) => { plan = done; });
    await route.continue().catch(() => {});
  });
  await page.route('**/api/jobs', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    started++;
    await new Promise<void>((done) => { begin = done; });
    await route.continue();
  });
  await page.setViewportSize({ width: 390, height: 700 });
  await Promise.all([page.waitForRequest('**/api/jobs/plan'), visit(page, server, '/compare?problem=rosenbrock&optimizer=sgd~adam&steps=50&trials=3&seeds=2')]);
  const go = page.getByRole('button', { name: 'Compare', exact: true });
  await go.click();
  plan();
  await page.waitForTimeout(400);
  await expect(go).toBeDisabled();
  begin();
  await expect(page).toHaveURL(/job=/);
  expect(started).toBe(1);
  // What is another page to its reader begins at its head.
  await expect(page.locator('main > h1')).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await expect(page.locator('.report')).toBeVisible({ timeout: 30_000 });
  expect(await layoutShift(page), 'nothing moves from its start to its result').toBeLessThan(0.02);
});

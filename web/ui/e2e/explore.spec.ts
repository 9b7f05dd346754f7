import { board, drawn, handle, open, rider, steps } from './explorer';
import { axe, expect, frames, layoutShift, shots, test, visit } from './harness';

test('the start is dragged, and the paths follow', async ({ page, server }) => {
  await open(page, server);
  const before = await steps(page);
  expect(before.Adam?.[0]).toBe('500');
  const at = (await handle(page).boundingBox())!;
  await page.mouse.move(at.x + at.width / 2, at.y + at.height / 2);
  await page.mouse.down();
  await page.mouse.move(at.x + 60, at.y - 20, { steps: 5 });
  await page.mouse.move(at.x + 120, at.y - 60, { steps: 5 });
  // They follow while the button is still down.
  await expect(async () => expect((await steps(page)).SGD?.[1]).not.toBe(before.SGD?.[1])).toPass();
  await page.mouse.up();
  await expect(page).toHaveURL(/start=-?[\d.]+,-?[\d.]+/);
  const x = await page.getByLabel('Start x').inputValue();
  expect(Number(x)).toBeGreaterThan(-1);
  // A click sets it too.
  const box = (await board(page).boundingBox())!;
  await page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.7);
  await expect(page.getByLabel('Start x')).not.toHaveValue(x);
});

test('the start is moved by keys', async ({ page, server }) => {
  await open(page, server, '?o=sgd:lr=0.001');
  await handle(page).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByLabel('Start x')).toHaveValue('-1.16');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(page.getByLabel('Start y')).toHaveValue('1.4');
  await expect(page).toHaveURL(/start=-1.16,1.4/);
  await expect(page.locator('#announcer')).toHaveText('Start x -1.16, y 1.4');
  await expect(async () => expect((await steps(page)).SGD?.[0]).toBe('500')).toPass();
  // The keyboard's cursor reads the function, and Enter puts the start there.
  await board(page).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.explore-look h3')).toHaveText('At the cursor');
  await expect(page.locator('#announcer')).toHaveText(/x -1.08, y 1.4, f /);
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Start x')).toHaveValue('-1.08');
  await page.keyboard.press('+');
  await expect(page).toHaveURL(/view=/);
  await page.keyboard.press('0');
  await expect(page).not.toHaveURL(/view=/);
});

test('the start is dragged by a finger', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, server);
  const before = await steps(page);
  const at = (await handle(page).boundingBox())!;
  const [x, y] = [at.x + at.width / 2, at.y + at.height / 2];
  const touch = await page.context().newCDPSession(page);
  await touch.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
  for (let i = 1; i <= 6; i++) await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: x + 8 * i, y: y + 10 * i }] });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await expect(async () => expect(Number(await page.getByLabel('Start x').inputValue())).toBeGreaterThan(-1)).toPass();
  expect(Number(await page.getByLabel('Start y').inputValue())).toBeLessThan(0.5);
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await expect(async () => expect((await steps(page)).SGD?.[1]).not.toBe(before.SGD?.[1])).toPass();
});

test('two fingers zoom, and the one that stays goes on from there', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, server);
  const box = (await board(page).boundingBox())!;
  const [x, y] = [box.x + 0.6 * box.width, box.y + 0.3 * box.height];
  const touch = await page.context().newCDPSession(page);
  await touch.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 2 });
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...at: [number, number][]): Promise<unknown> =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: at.map(([px, py], id) => ({ x: px, y: py, id })) });
  const span = (): number => {
    const [from = NaN, to = NaN] = (new URL(page.url()).searchParams.get('view') ?? '').split(',').map(Number);
    return to - from;
  };
  await page.evaluate(() => addEventListener('pointerdown', (e) => { document.body.dataset.finger = String(e.pointerId); }, true));
  await send('touchStart', [x - 30, y]);
  await send('touchStart', [x - 30, y], [x + 30, y]);
  for (let i = 1; i <= 6; i++) await send('touchMove', [x - 30 - 5 * i, y], [x + 30 + 5 * i, y]);
  await expect.poll(span).toBeLessThan(2.5);
  const zoomed = span();
  // The protocol lifts all fingers or none: that the second one is lifted is said to the page alone.
  await page.evaluate(() => document.querySelector('.plane')?.dispatchEvent(new PointerEvent('pointerup', { pointerId: Number(document.body.dataset.finger), pointerType: 'touch', bubbles: true })));
  for (let i = 1; i <= 6; i++) await send('touchMove', [x - 60 + 5 * i, y], [x + 60, y]);
  await send('touchEnd');
  await expect(page).toHaveURL(/view=/);
  await frames(page, 20);
  expect(span()).toBeCloseTo(zoomed, 3);
});

test('the axis of the loss has its labels also where a path has diverged', async ({ page, server }) => {
  // What each canvas shows in words, since it was last cleared.
  await page.addInitScript(() => {
    const proto = CanvasRenderingContext2D.prototype;
    const { fillText, clearRect } = proto;
    proto.clearRect = function clear(...at) {
      this.canvas.dataset.texts = '';
      clearRect.apply(this, at);
    };
    proto.fillText = function fill(text, ...at) {
      this.canvas.dataset.texts = `${this.canvas.dataset.texts ?? ''} ${text}`;
      fillText.call(this, text, ...at);
    };
  });
  await open(page, server, '?f=beale&o=sgd:lr=0.5~adam:lr=0.1');
  await expect(rider(page, 'sgd')).toContainText('diverged');
  await expect(page.locator('[data-figure="loss"] .uplot canvas')).toHaveAttribute('data-texts', / 200 400 f .* 1e[2-4]\d$/);
});

test('a mistake in an expression is shown under its column, and mended', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('combobox', { name: 'Function' }).click();
  await page.getByRole('option', { name: 'Expression in x and y' }).click();
  const field = page.getByLabel('f(x, y) =');
  await expect(field).toHaveValue('(1 - x)^2 + 100*(y - x^2)^2');
  await field.fill('x^2 + sin(y');
  await expect(page.locator('.field-caret')).toHaveText(/x\^2 \+ sin\(y/);
  await expect(page.locator('.field-error').filter({ hasText: 'This "(" is never closed.' })).toBeVisible();
  const column = await page.locator('.field-caret mark').evaluate((m) => (m.previousSibling?.textContent ?? '').length + 1);
  expect(column).toBe(10);
  await field.fill('x^2 + sin(y)');
  await expect(page.locator('.field-caret')).toHaveCount(0);
  await expect(page).toHaveURL(/f=x%5E2/);
  await expect(page.locator('.figure-title').first()).toHaveText('Paths on your function');
  await expect(page.locator('.explore-formula')).toContainText('found here');
  // Ten thousand terms are refused in words.
  await field.fill(`x${'+x'.repeat(9999)}`);
  await expect(page.locator('.field-error').filter({ hasText: 'at most 4096' })).toBeVisible();
});

test('functions, rules and sliders', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('combobox', { name: 'Function' }).click();
  await page.keyboard.type('bowl');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/f=bowl/);
  await drawn(page);
  await page.getByRole('checkbox', { name: 'Nesterov', exact: true }).check();
  await expect(async () => expect(Object.keys(await steps(page))).toEqual(['SGD', 'Momentum', 'Nesterov', 'RMSProp', 'Adam'])).toPass();
  await page.getByRole('checkbox', { name: 'RMSProp', exact: true }).uncheck();
  await expect(async () => expect(Object.keys(await steps(page))).toEqual(['SGD', 'Momentum', 'Nesterov', 'Adam'])).toPass();
  const before = (await steps(page)).SGD;
  await page.getByRole('slider', { name: 'Learning rate of SGD' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(rider(page, 'sgd').getByRole('textbox', { name: 'Learning rate of SGD' })).not.toHaveValue('0.001');
  await expect(async () => expect((await steps(page)).SGD?.[1]).not.toBe(before?.[1])).toPass();
  // Settings of its own, and a copy with others.
  await page.getByRole('button', { name: 'Settings of Adam' }).click();
  await page.getByLabel('beta1', { exact: true }).last().fill('0.5');
  await page.getByLabel('beta1', { exact: true }).last().press('Enter');
  await expect(page).toHaveURL(/adam:lr=0.2,beta1=0.5/);
  await rider(page, 'adam').getByRole('button', { name: 'Add a copy' }).click();
  await expect(async () => expect(Object.keys(await steps(page))).toContain('Adam (2)')).toPass();
  await rider(page, 'adam').getByRole('button', { name: 'Defaults' }).click();
  await expect(page).toHaveURL(/adam:lr=0.001~adam:lr=0.2,beta1=0.5/);
});

test('a rule has a schedule of its own, and the command says the same', async ({ page, server, descent }) => {
  await open(page, server, '?f=beale&start=0.5,-0.5&steps=50&o=sgd:lr=0.01~adam:lr=0.1');
  const before = await steps(page);
  const adam = rider(page, 'adam');
  await adam.getByRole('button', { name: 'Settings of Adam' }).click();
  const field = adam.getByRole('combobox', { name: 'Schedule of the rate' });
  await field.fill('step:every=10,gamma=0.5');
  await field.press('Enter');
  await expect(page).toHaveURL(/adam:lr=0.1,schedule=\(step:every=10,gamma=0.5\)/);
  const name = 'Adam, step:every=10,gamma=0.5';
  await expect(async () => expect(Object.keys(await steps(page))).toEqual(['SGD', name])).toPass();
  await expect(async () => {
    const now = await steps(page);
    expect(now.SGD).toEqual(before.SGD);
    expect(now[name]?.[3]).not.toBe(before.Adam?.[3]);
    expect(now[name]?.[5]).toBe('0.00625'); // 0.1 halved four times
  }).toPass();
  await expect(adam.locator('.rider-own')).toHaveText('schedule step:every=10,gamma=0.5');
  await page.reload();
  await drawn(page);
  await expect(adam.locator('.rider-own')).toBeVisible();
  const figure = page.locator('[data-figure="paths"]');
  await figure.getByRole('button', { name: 'Command' }).click();
  await expect(figure.locator('pre')).toHaveText("descent run --function beale --start=0.5,-0.5 --steps 50 --optimizer sgd:lr=0.01 --optimizer 'adam:lr=0.1,schedule=(step:every=10,gamma=0.5)'");
  const said = await descent('run', '--function', 'beale', '--start=0.5,-0.5', '--steps', '50', '--optimizer', 'adam:lr=0.1,schedule=(step:every=10,gamma=0.5)', '--no-figures');
  expect(said).toContain((await steps(page))[name]![3]!);
  await shots(page, 'explore-schedules');

  // A mistake is shown where it was made, and undone.
  await adam.getByRole('button', { name: 'Settings of Adam' }).click();
  await field.fill('cosinus');
  await field.press('Tab');
  await expect(adam.locator('.field-error:visible')).toContainText('did you mean cosine');
  await axe(page);
  await field.click();
  await adam.getByRole('option', { name: 'that of all' }).click();
  await expect(adam.locator('.rider-own')).toBeHidden();
  await expect(async () => expect((await steps(page)).Adam?.[3]).toBe(before.Adam?.[3])).toPass();
});

test('play, step, scrub', async ({ page, server }) => {
  await open(page, server);
  const slider = page.getByRole('slider', { name: 'Step', exact: true });
  await page.getByRole('button', { name: 'To the start' }).click();
  await expect(slider).toHaveValue('0');
  expect((await steps(page)).SGD?.slice(0, 4)).toEqual(['0', '-1.2', '1', '24.2']);
  await page.getByRole('button', { name: 'One step on' }).click();
  await expect(slider).toHaveValue('1');
  await page.locator('body').press('ArrowRight');
  await expect(slider).toHaveValue('2');
  await expect(page).toHaveURL(/at=2/);
  await page.getByLabel('Speed').selectOption('4');
  await page.locator('main > h1').click();
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(async () => expect(Number(await slider.inputValue())).toBeGreaterThan(50)).toPass();
  await page.keyboard.press('Space');
  const paused = await slider.inputValue();
  await frames(page, 15);
  await expect(slider).toHaveValue(paused);
  await slider.fill('123');
  await expect(async () => expect((await steps(page)).Adam?.[0]).toBe('123')).toPass();
  await expect(page.locator('.explore-look h3')).toHaveText('Adam, step 123');
  // The loss curve's cursor is the plane's, and a click sets the step.
  const plot = page.locator('[data-figure="loss"] .u-over');
  const box = (await plot.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect(async () => expect(Math.abs(Number(await slider.inputValue()) - 250)).toBeLessThan(12)).toPass();
});

test('a divergence says its step and cause', async ({ page, server }) => {
  await open(page, server, '?o=adam:lr=0.2~sgd:lr=0.1');
  await expect(rider(page, 'sgd').locator('.badge')).toBeVisible();
  await expect(rider(page, 'sgd').locator('.badge')).toHaveText(/diverged at step \d+/);
  await expect(rider(page, 'sgd').locator('.rider-cause')).toHaveText('The loss has grown a million times.');
  await axe(page);
});

test('the view asks for each thing once when it begins', async ({ page, server }) => {
  await visit(page, server, '/memory');
  await page.waitForLoadState('networkidle');
  const asked: string[] = [];
  page.on('response', (r) => { if (r.url().includes('/api/explore/')) asked.push(`${new URL(r.url()).pathname} ${r.status()}`); });
  await open(page, server);
  await page.waitForLoadState('networkidle');
  expect(asked.filter((a) => a === '/api/explore/function 200')).toHaveLength(1);
  // At first without what is costly to send.
  expect(asked.filter((a) => a === '/api/explore/paths 200').length).toBeLessThanOrEqual(2);
  expect(asked.filter((a) => !a.endsWith(' 200'))).toEqual([]);
});

test('the surface is turned', async ({ page, server }) => {
  await open(page, server);
  await page.getByRole('button', { name: '3-D' }).click();
  const surface = page.getByRole('application', { name: /surface/ });
  await expect(surface).toBeVisible();
  await surface.focus();
  const picture = () => surface.locator('canvas').evaluate((c: HTMLCanvasElement) => c.toDataURL());
  await expect(async () => expect((await picture()).length).toBeGreaterThan(20_000)).toPass();
  const before = await picture();
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/turn=-30/);
  await expect(async () => expect(await picture()).not.toBe(before)).toPass();
  await page.goBack();
  await expect(surface).toHaveCount(0);
});

test('the address restores everything', async ({ page, server }) => {
  const query = '?f=himmelblau&start=-2,1&o=momentum:lr=0.002,beta=0.8~adamw:lr=0.3&steps=80&schedule=cosine&noise=0.5&seed=4&at=40&view=-5,0,-2,5&speed=2&arrows=0';
  await open(page, server, query);
  expect(Object.keys(await steps(page))).toEqual(['Momentum', 'AdamW']);
  expect((await steps(page)).AdamW?.[0]).toBe('40');
  await expect(page.getByLabel('Start x')).toHaveValue('-2');
  await expect(page.getByRole('combobox', { name: 'Schedule of the rate' })).toHaveValue('cosine');
  await expect(page.getByLabel('Seed', { exact: true })).toHaveValue('4');
  await expect(page.getByLabel('Speed')).toHaveValue('2');
  await expect(page.getByRole('button', { name: 'Arrows' })).toHaveAttribute('aria-pressed', 'false');
  const before = await steps(page);
  await page.reload();
  await drawn(page);
  expect(await steps(page)).toEqual(before);
  expect(new URL(page.url()).search.replaceAll('%2C', ',')).toBe(query);
});

test('every move of the start is answered, and nothing moves by itself', async ({ page, server }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, server, '?o=sgd:lr=0.001~momentum:lr=0.0005~nesterov:lr=0.0005~adagrad:lr=0.5~rmsprop:lr=0.02~adadelta:lr=1~adam:lr=0.2~radam:lr=0.01');
  expect(await layoutShift(page)).toBeLessThan(0.02);
  // Play shows the end at once where less movement is asked for.
  await page.getByRole('button', { name: 'To the start' }).click();
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(page.getByRole('slider', { name: 'Step', exact: true })).toHaveValue('500');
  await page.evaluate(() => performance.clearResourceTimings());
  await handle(page).focus();
  for (let i = 0; i < 20; i++) {
    const answer = page.waitForResponse((r) => r.url().endsWith('/api/explore/paths'));
    await page.keyboard.press('ArrowRight');
    await answer;
  }
  const times = await page.evaluate(() => performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/api/explore/paths')).map((e) => e.duration).sort((a, b) => a - b));
  console.log(`paths of 8 rules, 500 steps: median ${times[times.length >> 1]?.toFixed(1)} ms, worst ${times.at(-1)?.toFixed(1)} ms of ${times.length}`);
});

test('the server is away, and comes back', async ({ page, server }) => {
  await open(page, server);
  await server.kill();
  await page.getByLabel('Start x').fill('0.5');
  await page.getByLabel('Start x').press('Enter');
  await expect(page.locator('.banner')).toBeVisible();
  await server.start();
  await expect(async () => {
    await page.getByRole('slider', { name: 'Step', exact: true }).fill('0');
    expect((await steps(page)).SGD?.[1]).toBe('0.5');
  }).toPass({ timeout: 20_000 });
});

test('how it looks', async ({ page, server }) => {
  await open(page, server);
  await axe(page);
  await shots(page, 'explore', [360, 390, 1440, 2560]);
  await open(page, server, '?f=himmelblau&start=0,-1&surface=1&at=30&o=sgd:lr=0.01~momentum:lr=0.005~adam:lr=0.3');
  await expect(page.locator('.surface')).toBeVisible();
  await page.waitForLoadState('networkidle');
  await axe(page);
  await shots(page, 'explore-surface', [390, 1440]);
});

import { axe, expect, frames, layoutShifts, settled, shots, test, visit } from './harness';

const views = ['explore', 'compare', 'runs', 'schedules', 'tuning', 'memory'];

test('the address that was printed leads to the explorer, in under a second', async ({ page, server }) => {
  await visit(page, server, '/');
  await expect(page.getByRole('link', { name: 'Explore', exact: true })).toHaveAttribute('aria-current', 'page');
  const took = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity);
  test.info().annotations.push({ type: 'first view', description: `${Math.round(took)} ms` });
  console.log(`first contentful paint: ${Math.round(took)} ms`);
  expect(took).toBeLessThan(Infinity);
});

test('views are reached by mouse, by keyboard, by address, back and forward', async ({ page, server }) => {
  await visit(page, server, '/schedules');
  const heading = page.locator('main > h1');
  await page.getByRole('link', { name: 'Memory', exact: true }).click();
  await expect(page).toHaveURL(/\/memory/);
  await settled(page);
  await expect(heading).toBeFocused();
  await expect(page).toHaveTitle(/ · Descent$/);
  await expect(page.getByRole('link', { name: 'Memory', exact: true })).toHaveAttribute('aria-current', 'page');

  await page.getByRole('link', { name: 'Runs', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/runs/);
  await page.goBack();
  await expect(page).toHaveURL(/\/memory/);
  await expect(page.getByRole('link', { name: 'Memory', exact: true })).toHaveAttribute('aria-current', 'page');
  await page.goBack();
  await expect(page).toHaveURL(/\/schedules/);
  await page.goForward();
  await expect(page).toHaveURL(/\/memory/);
});

test('a view that is left before it is there does nothing to the next', async ({ page, server }) => {
  const asked: string[] = [];
  page.on('request', (r) => { if (r.url().includes('/api/explore')) asked.push(r.url()); });
  let release: () => void = () => {};
  const held = new Promise<void>((done) => { release = done; });
  await page.route('**/api/meta', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${server.origin}/explore?steps=77`);
  await page.getByRole('link', { name: 'Memory', exact: true }).click();
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.getByRole('link', { name: 'Schedules', exact: true }).click();
  asked.length = 0;
  release();
  await settled(page);
  await expect(page.locator('main > h1')).toHaveText('Schedules');
  await page.keyboard.press('ArrowLeft');
  await frames(page, 30);
  await expect(page).toHaveURL(`${server.origin}/schedules`);
  await expect(page.locator('.view > div > *')).toHaveCount(2);
  await expect(page.locator('.explore, .runs-grid')).toHaveCount(0);
  expect(asked).toEqual([]);
});

test('going back says where', async ({ page, server }) => {
  await visit(page, server, '/schedules');
  await page.getByRole('link', { name: 'Memory', exact: true }).click();
  await expect(page.locator('main > h1')).toHaveText('Memory');
  await page.goBack();
  await expect(page.locator('main > h1')).toHaveText('Schedules');
  await expect(page.locator('main > h1')).toBeFocused();
});

test('the first key reaches the link that skips to the content', async ({ page, server }) => {
  await visit(page, server, '/memory');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main > h1')).toBeFocused();
});

test('an address without a view says so', async ({ page, server }) => {
  await visit(page, server, '/memory');
  await page.evaluate(() => {
    history.pushState(null, '', '/nowhere');
    dispatchEvent(new PopStateEvent('popstate'));
  });
  await expect(page.getByText('There is no view')).toBeVisible();
  await page.getByRole('link', { name: 'Go to the explorer' }).click();
  await expect(page).toHaveURL(/\/explore/);
});

test('the theme follows the system until one is chosen, which is remembered', async ({ page, server }) => {
  const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'dark' });
  await visit(page, server, '/memory');
  expect(await paper()).toBe('rgb(20, 24, 29)');
  await page.getByRole('radio', { name: 'Light' }).check();
  await expect.poll(paper).toBe('rgb(255, 255, 255)');
  await page.reload();
  await settled(page);
  expect(await paper()).toBe('rgb(255, 255, 255)');
  await expect(page.getByRole('radio', { name: 'Light' })).toBeChecked();
  await page.getByRole('radio', { name: 'Light' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(paper).toBe('rgb(20, 24, 29)');
});

test('a server that is gone and comes back is told of, and the page goes on', async ({ page, server }) => {
  await visit(page, server, '/schedules');
  await server.kill();
  const banner = page.locator('.banner');
  await expect(banner).toContainText('does not answer');
  await server.start();
  await expect(banner).toContainText('is back');
  await expect(banner).toBeHidden();
});

test('a view asked for while the server is gone comes when it is back', async ({ page, server }) => {
  await visit(page, server, '/schedules');
  await server.kill();
  await page.getByRole('link', { name: 'Memory', exact: true }).click();
  await expect(page.getByText('This view cannot be shown')).toBeVisible();
  await expect(page.locator('.banner')).toContainText('does not answer');
  await server.start();
  await expect(page.getByText('This view cannot be shown')).toBeHidden();
  await expect(page.locator('main > h1')).toHaveText('Memory');
});

for (const view of views) {
  test(`${view}: accessible, and nothing moves as it loads`, async ({ page, server }) => {
    await visit(page, server, `/${view}`);
    await page.waitForLoadState('networkidle');
    const { score, moved } = await layoutShifts(page);
    expect(score, moved.join('\n')).toBeLessThan(0.01);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await axe(page);
    }
    for (const width of [360, 2560]) {
      await page.setViewportSize({ width, height: 800 });
      await frames(page, 10);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(over, `the page is wider than a window of ${width}`).toBeLessThanOrEqual(0);
    }
    await shots(page, `shell-${view}`);
  });
}

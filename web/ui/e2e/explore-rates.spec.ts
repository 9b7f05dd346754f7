import { open, rider } from './explorer';
import { axe, expect, test } from './harness';

test('good rates are found for all, and it says how', async ({ page, server, descent }) => {
  await open(page, server, '?steps=200&o=sgd:lr=0.1~adam:lr=0.001');
  await page.getByRole('button', { name: 'Find good rates' }).click();
  const said = page.locator('.explore-rates');
  await expect(said).toContainText('Each rule got the same: 15 learning rates of 200 steps', { timeout: 30_000 });
  const url = new URL(page.url());
  await expect(async () => expect(page.url()).toMatch(/o=sgd:lr=0\.00\d+~adam:lr=/)).toPass();
  expect(url.pathname).toBe('/explore');
  await expect(async () => expect(await rider(page, 'sgd').locator('.badge.warning').count()).toBe(0)).toPass();
  const rates = await said.locator('tbody tr').evaluateAll((rows) => rows.map((r) => [...r.children].map((c) => c.textContent)));
  await said.getByText('How, and the command').click();
  const command = (await said.locator('pre').textContent())!;
  expect(command).toMatch(/^descent compare --problem rosenbrock /);
  const text = await descent(...command.split(' ').slice(1), '--no-figures');
  for (const [, rate] of rates) expect(text).toContain(rate!.replace(' *', ''));
  await axe(page);
});

test('rates that come late are those of their rules, and only for the conditions that they were sought under', async ({ page, server }) => {
  let release: () => void = () => {};
  let answered: Promise<void> = Promise.resolve();
  await page.route('**/api/explore/rates', async (route) => {
    const held = new Promise<void>((done) => { release = done; });
    const response = await route.fetch().catch(() => undefined);
    await held;
    // A search that was given up takes no answer.
    if (response) answered = route.fulfill({ response }).catch(() => {});
  });
  await open(page, server, '?steps=200&o=sgd:lr=0.1~momentum:lr=0.1~adam:lr=0.001');
  await Promise.all([page.waitForRequest('**/api/explore/rates'), page.getByRole('button', { name: 'Find good rates' }).click()]);
  await rider(page, 'sgd').getByRole('checkbox').first().click();
  release();
  await expect(page.locator('.explore-rates tbody tr')).toHaveCount(3, { timeout: 30_000 });
  const rates = await page.locator('.explore-rates tbody tr').evaluateAll((rows) => rows.map((r) => Number(r.children[1]?.textContent?.replace(' *', ''))));
  await expect(async () => {
    const o = new URL(page.url()).searchParams.get('o') ?? '';
    expect(o.split('~').map((r) => r.split(':lr=')[0])).toEqual(['momentum', 'adam']);
    o.split('~').forEach((r, i) => expect(Number(r.split('lr=')[1])).toBeCloseTo(rates[i + 1]!, 4));
  }).toPass();

  await Promise.all([page.waitForRequest('**/api/explore/rates'), page.getByRole('button', { name: 'Find good rates' }).click()]);
  const before = new URL(page.url()).searchParams.get('o');
  await page.getByRole('textbox', { name: 'Steps', exact: true }).fill('300');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Find good rates' })).toBeVisible();
  await expect(page.locator('.explore-rates')).toBeEmpty();
  release();
  await answered;
  await expect(page).toHaveURL(/steps=300/);
  expect(new URL(page.url()).searchParams.get('o')).toBe(before);
});

import { axe, expect, shots, test, visit } from './harness';

const small = '/tuning?function=rosenbrock&optimizer=sgd&steps=200&trials=16';

test('a search from its form to the settings that are trained', async ({ page, server, descent }) => {
  await visit(page, server, small);
  await expect(page.getByText('About 45 trainings')).toBeVisible();
  await axe(page);
  await shots(page, 'tuning-form');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.locator('.job-state')).toHaveText('Done', { timeout: 30_000 });
  await expect(page.getByRole('heading', { name: 'Result' })).toBeVisible();
  const said = JSON.parse(await descent('tune', '--function', 'rosenbrock', '--optimizer', 'sgd', '--steps', '200', '--trials', '16',
    '--space', 'lr=1e-5..1e-2 log', '--space', 'optimizer.momentum=0..0.99', '--json', '--no-figures', '--out', 'line')) as { summary: string; best_experiment: string };
  await expect(page.locator('.report .verdict').first()).toContainText(said.summary);
  await expect(page.locator('.best pre')).toHaveText(said.best_experiment.trimEnd());
  await axe(page);
  await shots(page, 'tuning-result');
});

test('a learning rate is found', async ({ page, server }) => {
  await visit(page, server, '/tuning?mode=rate&function=rosenbrock&optimizer=sgd&steps=200');
  await page.getByRole('button', { name: 'Find the rate' }).click();
  await expect(page.locator('.job-state')).toHaveText('Done', { timeout: 30_000 });
  await expect(page.locator('.verdict')).toContainText('lowest loss at');
  await axe(page);
  await shots(page, 'tuning-rate');
});

import { expect, settled, visit, type Page, type Server } from './harness';

export const board = (page: Page) => page.getByRole('application', { name: /Contours/ });
export const handle = (page: Page) => page.getByRole('button', { name: /^Start, x/ });
export const rider = (page: Page, rule: string) => page.locator(`.rider[data-rule="${rule}"]`).first();

/** The table of the step: cells by rule, with the digits of the command line. */
export async function steps(page: Page): Promise<Record<string, string[]>> {
  const rows = await page.locator('.explore-steps tbody tr').evaluateAll((all) => all.map((r) => [...r.children].map((c) => (c as HTMLElement).title || (c.textContent ?? ''))));
  return Object.fromEntries(rows.map(([name = '', ...cells]) => [name, cells]));
}

/** Waits until the paths of the state that is shown are there, with their details. */
export async function drawn(page: Page): Promise<void> {
  await settled(page);
  await expect(page.locator('.explore-steps tbody tr').first()).toBeVisible();
  await expect(async () => expect((await steps(page)).SGD?.[4] ?? Object.values(await steps(page))[0]?.[4]).not.toBe('–')).toPass();
}

export async function open(page: Page, server: Server, query = ''): Promise<void> {
  await visit(page, server, `/explore${query}`);
  await drawn(page);
}

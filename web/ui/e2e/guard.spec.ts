import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { axe, expect, shots, test } from './harness';

/** A page of another site, on another port of this machine. */
async function elsewhere(html: string): Promise<{ server: HttpServer; port: number }> {
  const server = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html');
    answer.end(html);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, port: (server.address() as AddressInfo).port };
}

test('the printed address lets one browser in, and that browser only', async ({ browser, server }) => {
  const first = await browser.newContext();
  const page = await first.newPage();
  await page.goto(server.url);
  await expect(page).toHaveURL(`${server.origin}/`);
  await expect(page.getByRole('link', { name: 'Memory', exact: true })).toBeVisible();
  const [cookie] = await first.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
  expect(await page.evaluate(() => document.cookie)).toBe('');

  const second = await browser.newContext();
  const stranger = await second.newPage();
  for (const path of [server.url, `${server.origin}/`, `${server.origin}/memory`, `${server.origin}/?token=wrong`]) {
    const answer = await stranger.goto(path);
    expect(answer?.status()).toBe(401);
    await expect(stranger.getByRole('heading', { name: 'This browser is not in yet' })).toBeVisible();
  }
  expect(await second.cookies()).toEqual([]);
  await axe(stranger);
  await shots(stranger, 'guard');
  expect((await stranger.request.get(`${server.origin}/api/meta`)).status()).toBe(401);
  await first.close();
  await second.close();
});

test('a browser stays in when the server is killed and started again', async ({ browser, server }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(server.url);
  await server.kill();
  await server.start();
  const answer = await page.goto(`${server.origin}/memory`);
  expect(answer?.status()).toBe(200);
  await expect(page.locator('main > h1')).toHaveText('Memory');
  await context.close();
});

for (const [site, host] of [['another site', 'localhost'], ['another port of this host', '127.0.0.1']] as const) {
  test(`${site} can neither read the page, nor change anything, nor frame it`, async ({ browser, server }) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await expect(page.getByRole('link', { name: 'Memory', exact: true })).toBeVisible();
    const evil = await elsewhere(`<!doctype html><title>evil</title>
      <form id="form" method="post" target="sink" enctype="text/plain" action="${server.origin}/api/jobs"><input name='{"kind":"train","flags":{},"x":"' value='"}'></form>
      <iframe name="sink"></iframe><iframe id="frame" src="${server.origin}/memory"></iframe>
      <script src="${server.origin}/api/meta" onload="this.dataset.end = 'loaded'" onerror="this.dataset.end = 'blocked'"></script>`);
    const statuses: Record<string, number> = {};
    const other = await context.newPage();
    other.on('response', (r) => { statuses[`${r.request().method()} ${new URL(r.url()).pathname}`] = r.status(); });
    await other.goto(`http://${host}:${evil.port}/`);
    await other.evaluate(async (origin) => {
      (document.getElementById('form') as HTMLFormElement).submit();
      const tries = [
        fetch(`${origin}/api/jobs`, { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"kind":"train","flags":{}}' }),
        fetch(`${origin}/api/runs`, { credentials: 'include' }).then((r) => r.text()).then((t) => { throw new Error(`read ${t}`); }),
      ];
      const ends = await Promise.allSettled(tries);
      const read = ends.find((e) => e.status === 'rejected' && String(e.reason).includes('read'));
      if (read) throw new Error('another site has read an answer');
    }, server.origin);
    await expect.poll(() => statuses['POST /api/jobs']).toBe(403);
    await expect(other.locator('script[src]')).toHaveAttribute('data-end', 'blocked');
    await expect(other.locator('iframe')).toHaveCount(2);
    for (const frame of other.frames().slice(1)) expect(await frame.locator('main > h1').count()).toBe(0);
    // The page itself is as it was, and no job was begun.
    const jobs = await page.evaluate(() => fetch('/api/jobs').then((r) => r.json()));
    expect(jobs).toEqual({ jobs: [] });
    await context.close();
    evil.server.close();
  });
}

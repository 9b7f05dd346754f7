import { expect, test as base, type Page } from '@playwright/test';
import axeCore from 'axe-core';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { program } from './build';

export { expect, type Page };

/** A running `descent serve`, in a folder of its own. */
export class Server {
  /** The address that was printed last; it lets in once. */
  url = '';
  readonly runs: string;
  private process: ChildProcess | undefined;
  private address = '127.0.0.1:0';

  constructor(readonly dir: string) {
    this.runs = join(dir, 'runs');
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  /** Starts the server; after the first time at the same address. */
  async start(): Promise<void> {
    const child = spawn(program, ['serve', '--quiet', '--addr', this.address, '--runs', 'runs'], { cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
    this.url = await new Promise<string>((done, failed) => {
      createInterface({ input: child.stdout }).once('line', done);
      child.once('exit', (code) => failed(new Error(`descent serve ended with ${code}: ${said.join('\n')}`)));
    });
    this.address = new URL(this.url).host;
  }

  /** Ends the server at once, as a crash does. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await gone;
  }
}

interface Fixtures {
  server: Server;
  /** Runs a command of the program in the server's folder and returns what it printed. */
  descent: (...args: string[]) => Promise<string>;
  /** What the browser complained of; it must be empty at the end of a test. */
  complaints: string[];
}

/** A browser on a server of its own: what it complains of, and what it asks of others, fails the test. */
export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const dir = await mkdtemp(join(tmpdir(), 'descent-e2e-'));
    const server = new Server(dir);
    await server.start();
    await use(server);
    await server.end();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  },
  descent: async ({ server }, use) => {
    await use(async (...args) => (await promisify(execFile)(program, args, { cwd: server.dir, maxBuffer: 1 << 26 })).stdout);
  },
  complaints: async ({}, use) => {
    const complaints: string[] = [];
    await use(complaints);
    expect(complaints).toEqual([]);
  },
  page: async ({ page, server, complaints }, use) => {
    watch(page, server, complaints);
    await page.goto(server.url);
    await expect(page.locator('main > h1')).not.toBeEmpty();
    await use(page);
  },
});

function watch(page: Page, server: Server, complaints: string[]): void {
  page.on('console', (m) => {
    // A server that is away is part of some tests.
    if (m.type() === 'error' && !/net::ERR_|status of 4\d\d/.test(m.text())) complaints.push(`console: ${m.text()}`);
  });
  page.on('pageerror', (e) => complaints.push(`page: ${e.message}`));
  page.on('request', (r) => {
    const url = new URL(r.url());
    if (url.protocol !== 'blob:' && url.origin !== server.origin) complaints.push(`request to ${r.url()}`);
  });
}

/** Goes to a view and waits until it stands. */
export async function visit(page: Page, server: Server, path: string): Promise<void> {
  await page.goto(server.origin + path);
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await expect(page.locator('main')).not.toHaveAttribute('aria-busy', 'true');
  await expect(page.locator('main > h1')).not.toBeEmpty();
}

/** Holds when axe-core finds nothing serious or critical on the page. */
export async function axe(page: Page, within = 'html'): Promise<void> {
  // Evaluated, since the page's policy allows no script from outside.
  await page.evaluate(axeCore.source);
  const found = await page.evaluate(async (selector) => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(selector, { resultTypes: ['violations'] });
    return violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => `${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 5).map((n) => `${n.target.join(' ')} | ${n.any.map((a) => a.message).join('; ')}`).join(' || ')}`);
  }, within);
  expect(found).toEqual([]);
}

/** Waits until the page has drawn so many frames. */
export async function frames(page: Page, n: number): Promise<void> {
  await page.evaluate(async (count) => {
    for (let i = 0; i < count; i++) await new Promise((done) => requestAnimationFrame(done));
  }, n);
}

/** Has all pictures of the page loaded, also those far below. */
async function pictures(page: Page): Promise<void> {
  await page.evaluate(() => Promise.all([...document.images].map((image) => {
    image.loading = 'eager';
    return image.decode().catch(() => {});
  })));
}

const shotsDir = resolve(import.meta.dirname, 'shots');

/** Takes pictures, light and dark, of windows 390 and 1440 wide, into e2e/shots. */
export async function shots(page: Page, name: string, widths: readonly number[] = [390, 1440]): Promise<void> {
  await mkdir(shotsDir, { recursive: true });
  const before = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await frames(page, 10);
      await pictures(page);
      await page.screenshot({ path: join(shotsDir, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}

/** How far things have moved on the page so far, as the browser scores it: 0 is not at all; and what moved. */
export async function layoutShifts(page: Page): Promise<{ score: number; moved: string[] }> {
  return page.evaluate(() => new Promise<{ score: number; moved: string[] }>((done) => {
    const all = { score: 0, moved: [] as string[] };
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Element | null; previousRect: DOMRect; currentRect: DOMRect }[] };
    const box = (r: DOMRect): string => [r.x, r.y, r.width, r.height].map(Math.round).join(' ');
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Shift[]) {
        if (entry.hadRecentInput) continue;
        all.score += entry.value;
        for (const { node, previousRect, currentRect } of entry.sources) {
          all.moved.push(`${node?.nodeName} ${(node as Element | null)?.className}: ${box(previousRect)} to ${box(currentRect)}`);
        }
      }
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(all), 300);
  }));
}

/** The score alone. */
export async function layoutShift(page: Page): Promise<number> {
  return (await layoutShifts(page)).score;
}

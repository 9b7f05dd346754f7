import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The program that the tests start. */
export const program = process.env.DESCENT_PROGRAM ?? resolve(import.meta.dirname, '../node_modules/.e2e/descent');

/** Builds the page and the program that holds it, once for all tests; DESCENT_PROGRAM names one that is built. */
export default function build(): void {
  if (process.env.DESCENT_PROGRAM) return;
  const page = resolve(import.meta.dirname, '..');
  const quiet = { cwd: page, stdio: ['ignore', 'ignore', 'inherit'] as ('ignore' | 'inherit')[] };
  execFileSync(process.execPath, [resolve(page, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], quiet);
  mkdirSync(dirname(program), { recursive: true });
  execFileSync('go', ['build', '-o', program, './cmd/descent'], { ...quiet, cwd: resolve(page, '../..') });
}

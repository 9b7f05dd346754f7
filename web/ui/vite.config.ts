import { defineConfig } from 'vitest/config';

// The page is served under a policy of `default-src 'self'`: nothing is inlined,
// and what is built depends on the sources alone, not on where they lie.
export default defineConfig({
  base: '/',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    license: { fileName: 'licenses.txt' },
    reportCompressedSize: false,
  },
  server: {
    proxy: { '/api': process.env.DESCENT ?? 'http://127.0.0.1:8421' },
  },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
  },
});

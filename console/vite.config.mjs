import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

const OUT = join(import.meta.dirname, '..', 'dist', 'console', 'public');

/** Compresses each file once, at build time; the service sends what the browser accepts. */
const compress = {
  name: 'compress',
  apply: 'build',
  closeBundle() {
    const folder = join(OUT, 'assets');
    for (const file of readdirSync(folder).filter((name) => /\.(js|css|svg)$/.test(name))) {
      const bytes = readFileSync(join(folder, file));
      writeFileSync(join(folder, `${file}.gz`), gzipSync(bytes, { level: 9 }));
      writeFileSync(join(folder, `${file}.br`), brotliCompressSync(bytes));
    }
  },
};

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [compress],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: 'es2022',
    // The content policy allows no inline script, and no data: address for anything but pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
  },
  // `npx vite console` while the service runs on its default port.
  server: { proxy: { '/api': 'http://127.0.0.1:3000', '/docs': 'http://127.0.0.1:3000' } },
});

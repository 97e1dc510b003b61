/** Builds the page. Nothing is fetched from elsewhere and nothing is inlined, so that it runs under `default-src 'self'`. */
import { defineConfig } from 'vite';

const gateway = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The contracts package holds the codecs of the log too, which need Node; the page takes its tables and constants only.
    rolldownOptions: { treeshake: { moduleSideEffects: (id) => !id.includes('/packages/contracts/') } },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: { proxy: { '/api': gateway, '/ws': { target: gateway, ws: true } } },
});

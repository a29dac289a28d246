/** The panel's build, which `if-stale.ts` runs. */
import path from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { PANEL_DIST, PROCEDURES } from './places.ts';

const ROOT = path.join(import.meta.dirname, 'page');

export default defineConfig({
  root: ROOT,
  publicDir: false,
  plugins: [react(), tailwindcss()],
  resolve: { alias: { 'panel-procedures': PROCEDURES } },
  build: {
    outDir: PANEL_DIST,
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    // As the studio: the policy has no data: for scripts and fonts, and the sample photo is to be fetched.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: { input: path.join(ROOT, 'panel.html') },
  },
});

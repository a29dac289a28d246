/** `npm run dev -w studio` serves the sources beside a stack that runs already; `build` makes what the Worker serves. */
import path from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const ROOT = path.dirname(import.meta.dirname);
/** The API beside which `vite` serves the sources: that of `npm run dev`. */
const API = process.env.S3_URL ?? 'http://127.0.0.1:8787';
const toApi = { target: API, changeOrigin: true, ws: true };

export default defineConfig({
  root: ROOT,
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      // Its own writes a <style> element, which the page's Content-Security-Policy forbids.
      'react-style-singleton': path.join(ROOT, 'src', 'parts', 'style-singleton.ts'),
    },
  },
  server: { port: 5173, proxy: { '/trpc': toApi, '/health': toApi } },
  worker: { format: 'es' },
  build: {
    outDir: path.join(ROOT, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    manifest: true,
    reportCompressedSize: false,
    // A policy that has no data: for fonts and scripts has none for small files either.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

/** What counts for the first screen: all that the entry imports at once, and nothing that is loaded later. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../start/ending.ts';
import { filesAtOnce, firstScreen } from '../build/first-screen.ts';

test('files that the entry imports, at whatever depth and once each; not those that are loaded on use', () => {
  const manifest = {
    'index.html': { file: 'assets/index.js', isEntry: true, imports: ['_a', '_b'] },
    _a: { file: 'assets/a.js', imports: ['_b'] },
    _b: { file: 'assets/b.js', imports: ['_a'] },
    'src/review.tsx': { file: 'assets/review.js', imports: ['_a', '_c'] },
    _c: { file: 'assets/c.js' },
  };
  expect(filesAtOnce(manifest)).toEqual(['assets/index.js', 'assets/a.js', 'assets/b.js']);
});

test('bytes are those after gzip, of each file by itself', () => {
  const dist = temporaryFolder('s3-first-screen-');
  mkdirSync(path.join(dist.path, '.vite'));
  const texts = { 'index.js': 'a'.repeat(10_000), 'a.js': 'b'.repeat(20_000) };
  for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(dist.path, name), text);
  const manifest = { 'index.html': { file: 'index.js', isEntry: true, imports: ['_a'] }, _a: { file: 'a.js' } };
  writeFileSync(path.join(dist.path, '.vite', 'manifest.json'), JSON.stringify(manifest));
  const bytes = Object.values(texts).reduce((sum, text) => sum + gzipSync(text).length, 0);
  expect(firstScreen(dist.path)).toEqual({ files: ['index.js', 'a.js'], bytes });
  dist.remove();
});

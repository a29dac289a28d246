/**
 * The quickstarts of the READMEs, byte for byte: compiled strictly, and run against the whole local stack with real photos. What is put
 * in place is what surrounds them in a page: the file input, `localStorage`, and where the host of their `baseUrl` is.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeIn } from '../../../client-sdk/checks/package/readme-code.ts';
import { type Stack, startStack } from '../../../start/local/stack.ts';
import { ROOT, run } from './support.ts';

const HOST = 'https://api.example.com';
/** A room, and a house from outside, which has no floor to recolour. */
const PHOTOS = ['wallpaper-corner.jpg', 'facade.jpg'];
const PACKAGE = '@s3-workers/client-sdk';
const DIST = path.join(ROOT, 'client-sdk', 'dist');

let stack: Stack;
const folder = mkdtempSync(path.join(tmpdir(), 's3-quickstart-'));
beforeAll(async () => {
  stack = await startStack();
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The page around the code, on Node. */
const SURROUNDINGS = `
import { readFileSync } from 'node:fs';
const { API, PHOTOS } = process.env;
const there = (url) => url.replace('${HOST}', API).replace('${HOST.replace('http', 'ws')}', API.replace('http', 'ws'));
const { fetch, WebSocket } = globalThis;
const kept = new Map();
const page = {
  // A page has one, and a server has not.
  window: {},
  fetch: (url, init) => fetch(there(url), init),
  WebSocket: class extends WebSocket {
    constructor(url) {
      super(there(url));
    }
  },
  document: {
    addEventListener() {},
    removeEventListener() {},
    querySelector: () => ({
      files: PHOTOS.split(',').map((name) => new File([readFileSync(name)], name.replace(/.*[/]/, ''))),
    }),
  },
  localStorage: {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  },
};
for (const [name, value] of Object.entries(page)) Object.defineProperty(globalThis, name, { value });
`;

/** What tsc says about the code as a user's compiler sees it: strict, with the DOM's types and the package's. */
async function compile(name: string): Promise<string> {
  const options = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2022', 'dom', 'dom.iterable'],
    types: [],
    paths: { [PACKAGE]: [path.join(DIST, 'index.d.ts')] },
  };
  const config = path.join(folder, `${name}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: options, files: [`${name}.ts`] }));
  const { stdout } = await run(
    process.execPath,
    [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config],
    {},
  );
  return stdout;
}

test.each([
  ['root', 'README.md', /^processing \d+ \d+ \d 2$/m],
  ['sdk', 'client-sdk/README.md', /^processing [\d.]+ \d 2$/m],
])('the first code of the %s README compiles and turns two photos into a set', async (name, file, progress) => {
  const code = codeIn(readFileSync(path.join(ROOT, file), 'utf8'))[0]?.code ?? '';
  expect(code).toContain('jobs.run(');
  expect(code).toContain(HOST);
  const [source, program, around] = [`${name}.ts`, `${name}.mjs`, 'surroundings.mjs'].map((one) =>
    path.join(folder, one),
  );
  writeFileSync(source ?? '', code);
  expect(await compile(name)).toBe('');

  writeFileSync(around ?? '', SURROUNDINGS);
  await build({
    entryPoints: [source ?? ''],
    outfile: program ?? '',
    bundle: true,
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    alias: { [PACKAGE]: path.join(DIST, 'index.js') },
  });
  const photos = PHOTOS.map((photo) => path.join(ROOT, 'examples/photos/interior', photo)).join(',');
  const env = { API: stack.baseUrl, PHOTOS: photos };
  const ran = await run(process.execPath, ['--import', around ?? '', program ?? ''], env);
  expect(ran, stack.tail()).toMatchObject({ code: 0 });
  expect(ran.stdout).toMatch(progress);
  expect(ran.stdout).toMatch(/^facade\.jpg failed not found in this photo: Floor$/m);
  const [, url = ''] = /^wallpaper-corner\.jpg done (http\S+)$/m.exec(ran.stdout) ?? [];
  expect(url, ran.stdout).not.toBe('');
  const { status, headers } = await fetch(url);
  expect([status, headers.get('content-type')]).toEqual([200, 'image/jpeg']);
});

/** What the supply chain check lets through, and what it does not. */
import { expect, test } from 'vitest';
import { manifestProblems, packagesOf, problemsOf } from '../supply-chain/inspect.ts';

const entry = { version: '1.0.0', license: 'MIT', integrity: 'sha512-x' };
const of = (name: string, change: object) =>
  problemsOf(packagesOf({ packages: { '': {}, [`node_modules/${name}`]: { ...entry, ...change } } }));

test('a package under a listed licence, with a checksum and no script, passes', () => {
  expect(of('a', {})).toEqual([]);
  expect(of('a', { license: '(GPL-3.0-only OR MIT)' })).toEqual([]);
  expect(of('lightningcss', { license: 'MPL-2.0' })).toEqual([]);
  expect(of('esbuild', { hasInstallScript: true })).toEqual([]);
});

test.for<[string, object, string]>([
  ['another licence', { license: 'AGPL-3.0-only' }, 'AGPL-3.0-only'],
  ['no licence', { license: undefined }, 'none'],
  ['one of two licences that both apply', { license: 'MIT AND GPL-3.0-only' }, 'GPL-3.0-only'],
  ['an exception that is for others', { license: 'MPL-2.0' }, 'MPL-2.0'],
  ['a new install script', { hasInstallScript: true }, 'runs a script'],
  ['no checksum', { integrity: undefined }, 'no checksum'],
])('%s is named', ([, change, words]) => {
  expect(of('a', change)).toEqual([expect.stringMatching(`^a: .*${words}`)]);
});

test('a nested package counts under its own name, and our own not at all', () => {
  const packages = {
    'node_modules/a/node_modules/@b/c': { ...entry, license: 'X' },
    'node_modules/own': { link: true },
  };
  expect(problemsOf(packagesOf({ packages }))).toEqual([expect.stringContaining('@b/c: its licence, X')]);
});

test('what comes within the archive of another package has its checksum, and none where that has none', () => {
  const inner = { version: '1.0.0', license: 'MIT', inBundle: true };
  const within = (outer: object) =>
    problemsOf(packagesOf({ packages: { 'node_modules/a': outer, 'node_modules/a/node_modules/b': inner } }));
  expect(within(entry)).toEqual([]);
  expect(within({ version: '1.0.0', license: 'MIT' })).toContainEqual('b: the lock file has no checksum of it');
  expect(problemsOf(packagesOf({ packages: { 'node_modules/b': inner } }))).toHaveLength(1);
});

test('packages of this repository have no version to be pinned to, and others do', () => {
  expect(manifestProblems('package.json', { dependencies: { '@s3-workers/client-sdk': '*' } })).toEqual([]);
  expect(manifestProblems('package.json', { dependencies: { a: '*' } })).toHaveLength(1);
});

test('a range instead of a version, and a script that nobody gave a reason for, are named', () => {
  const manifest = { dependencies: { a: '^1.0.0', b: '1.2.3' }, allowScripts: { node: true, c: true } };
  expect(manifestProblems('package.json', manifest)).toEqual([
    'package.json: a ^1.0.0 is not one version',
    expect.stringContaining('allowScripts names c'),
  ]);
});

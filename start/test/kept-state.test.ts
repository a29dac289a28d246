/** State that `npm run dev` finds: it goes on when migrations lead from it, and else is put aside, never deleted. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepOrPutAside } from '../local/kept-state.ts';

const OURS = { user: 2, job: 1, d1: 2 };
let root: string;
let state: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 's3-kept-'));
  state = path.join(root, 'state');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function stored(mark: unknown): void {
  mkdirSync(path.join(state, 'v3', 'do'), { recursive: true });
  writeFileSync(path.join(state, 'v3', 'do', 'db.sqlite'), 'rows');
  if (mark !== undefined) writeFileSync(path.join(state, '.migrations.json'), JSON.stringify(mark));
}
const kept = () => existsSync(path.join(state, 'v3', 'do', 'db.sqlite'));

test('a first start finds nothing, and the second one goes on with what the first stored', () => {
  expect(keepOrPutAside(state, OURS)).toBeNull();
  mkdirSync(path.join(state, 'v3', 'do'), { recursive: true });
  writeFileSync(path.join(state, 'v3', 'do', 'db.sqlite'), 'rows');
  expect(keepOrPutAside(state, OURS)).toBeNull();
  expect(kept()).toBe(true);
});

test('state with fewer migrations goes on, and is marked with those of this checkout', () => {
  stored({ user: 1, job: 1, d1: 2 });
  expect(keepOrPutAside(state, OURS)).toBeNull();
  expect(kept()).toBe(true);
  expect(JSON.parse(readFileSync(path.join(state, '.migrations.json'), 'utf8'))).toEqual(OURS);
});

test.each([
  ['was stored before there were marks', undefined],
  ['a later checkout has stored', { user: 3, job: 1, d1: 2 }],
  ['has a mark that says nothing of one kind', { user: 2, job: 1 }],
])('state that %s is put aside whole', (_, mark) => {
  stored(mark);
  const aside = keepOrPutAside(state, OURS);
  expect(aside).toBe(`${state}-before-1`);
  expect(kept()).toBe(false);
  expect(readFileSync(path.join(String(aside), 'v3', 'do', 'db.sqlite'), 'utf8')).toBe('rows');
  stored({ user: 9, job: 9, d1: 9 });
  expect(keepOrPutAside(state, OURS)).toBe(`${state}-before-2`);
});

/** The known mistakes still fit the code. That each is caught, `npm run seeded-bugs` shows. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromRoot } from '../../start/paths.ts';
import { withBug } from '../seeded-bugs/bug.ts';
import { BUGS } from '../seeded-bugs/bugs/index.ts';

test('there are at least 25 known mistakes, each with a name of its own', () => {
  expect(BUGS.length).toBeGreaterThanOrEqual(25);
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
});

test.each(BUGS)('"$name" fits the code, and names tests that exist', (bug) => {
  const good = readFileSync(fromRoot(bug.file), 'utf8');
  expect(withBug(good, bug)).not.toBe(good);
  expect(bug.tests.length).toBeGreaterThan(0);
  expect(bug.tests.filter((file) => !existsSync(fromRoot(file)))).toEqual([]);
});

test('a mistake that does not fit any more is refused with its name and file', () => {
  const bug = { name: 'gone', file: 'some/file.ts', find: 'old code', replace: '', tests: [] };
  expect(() => withBug('new code', bug)).toThrow('"gone": what it replaces stands 0 times in some/file.ts, not once');
});

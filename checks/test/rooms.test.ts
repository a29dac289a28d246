/** Rooms have names: each folder of the root says in its first lines what it is for, and none is a place for whatever fits nowhere else. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromRoot, ROOT } from '../../start/paths.ts';

/** Every file that is under version control, or would be. */
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(fromRoot(file)));

/** Names that say nothing of what is inside. */
const NAMELESS = /^(scripts?|utils?|utilities|helpers?|misc|common|stuff)$/i;

test('no folder and no file is called scripts, utils, helpers or misc', () => {
  const named = FILES.filter((file) => file.split('/').some((part) => NAMELESS.test(part.replace(/\..*$/, ''))));
  expect(named).toEqual([]);
});

test.for([
  ...new Set(FILES.flatMap((file) => /^([^.][^/]*)\//.exec(file)?.[1] ?? [])),
])('%s/ opens with a README: a title, and what is in it', (room) => {
  const readme = fromRoot(room, 'README.md');
  expect(existsSync(readme)).toBe(true);
  const [title = '', ...rest] = readFileSync(readme, 'utf8').split('\n');
  expect(title).toMatch(/^# \S/);
  expect(rest.join('\n').trim()).not.toBe('');
});

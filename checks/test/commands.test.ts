/** What `npm run commands` takes from README.md and docs/DEPLOY.md, and that it knows how to run all of it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromRoot } from '../../start/paths.ts';
import { TYPED, unknown } from '../commands/known.ts';
import { commandsOf, PAGES } from '../commands/readme.ts';

const told = PAGES.flatMap((page) => commandsOf(readFileSync(fromRoot(page), 'utf8')));
const scripts = Object.keys(JSON.parse(readFileSync(fromRoot('package.json'), 'utf8')).scripts).map((name) =>
  name === 'test' ? 'npm test' : `npm run ${name}`,
);

test('every command of README.md, of docs/DEPLOY.md and every script is run, or it is said why not', () => {
  expect(unknown(told, scripts)).toEqual([]);
});

test('a command that is added to either is missed by its name, and one that is gone as well', () => {
  expect(unknown([...told, 'npm run sing'], scripts)[0]).toContain('npm run sing: ');
  expect(unknown(told, [...scripts, 'npm run dance'])[0]).toContain('npm run dance: ');
  expect(
    unknown(
      told.filter((one) => one !== 'examples/job.sh'),
      scripts,
    )[0],
  ).toContain('examples/job.sh: ');
});

test('commands are what stands in blocks of shell and between backticks', () => {
  const page = [
    'Text with `npm run one` and [examples/two.sh](examples/two.sh), and `not a command`.',
    '    PORT=9000 npm run three   # comment with npm run no',
    '    npx four && npx five',
    '```ts',
    'for (const npm of run) {}',
    '```',
    '```sh',
    'npm test',
    '```',
  ];
  const expected = ['npm run one', 'examples/two.sh', 'PORT=9000 npm run three', 'npx four', 'npx five', 'npm test'];
  expect(commandsOf(page.join('\n'))).toEqual(expected);
});

test('the first minute is typed as it stands', () => {
  expect(TYPED[0]).toMatchObject({ of: 'npm run demo' });
  expect(TYPED[0]).not.toHaveProperty('type');
});

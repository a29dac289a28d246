/** What the panel's page is told of the router, and what it makes of that: samples, checks and commands. */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Procedure, proceduresOfRouter } from '../../proving/attacks/router.ts';
import { describeServer } from '../panel/describe.ts';
import { documentedIn } from '../panel/documentation.ts';
import type { Described } from '../panel/page/src/described.ts';
import { readInput } from '../panel/page/src/input.ts';
import { missingIn, NEXT, samplesOf } from '../panel/page/src/samples.ts';
import { curlOf, literal } from '../panel/page/src/shown.ts';

let described: Described[];
let router: Procedure[];
beforeAll(async () => {
  [described, router] = await Promise.all([describeServer(), proceduresOfRouter()]);
});

const CARRIED = { userId: 'user', jobId: 'job', ruleId: 'rule', key: crypto.randomUUID() };
const samples = samplesOf(CARRIED, { contentType: 'image/jpeg', bytes: 37_585 });
const of = (path: string): Described => described.find((one) => one.path === path)!;

test('every procedure of the router is described, in its order, with who may call it', () => {
  expect(described.map(({ path, type }) => [path, type])).toEqual(router.map(({ path, type }) => [path, type]));
  for (const { path, type, kind } of router) {
    // What admits to a subscription is a ticket, which only the job's owner is given.
    const isOpen = kind.open && type !== 'subscription';
    const access = path.startsWith('admin.') ? 'operator' : isOpen ? 'anyone' : 'user';
    expect(of(path).access, path).toBe(access);
  }
});

test('what is written of a procedure is told of it, with the shapes that it takes and gives down to the last type', () => {
  for (const { path, access, comment, shape } of described) {
    if (access === 'operator') continue;
    expect(comment, path).toMatch(/\w.*\.$/);
    expect(shape, path).toMatch(new RegExp(`^${path.split('.')[1]}: \\w+<[\\s\\S]*>;$`));
  }
  expect(of('admin.adopt').comment).toMatch(/^Opens the account/);
  expect(of('user.delete').comment).toMatch(/^Deletes the user with all jobs.*it answers the same\.$/);
  const { types } = of('jobs.create');
  for (const name of ['CreateInput', 'Photo', 'PhotoType', 'CreatedJob', 'JobStatus'])
    expect(types).toMatch(new RegExp(`^(type|interface) ${name}\\b`, 'm'));
  expect(types).not.toContain('WatchEvent');
});

test('what a procedure says is not taken for what its neighbour says', () => {
  const found = documentedIn(
    '  a: {\n    /** One. */\n    x: Query<undefined, A>;\n    y: Query<undefined, B>;\n  };\n',
  );
  expect([...found]).toEqual([
    ['a.x', { comment: 'One.', shape: 'x: Query<undefined, A>;' }],
    ['a.y', { comment: '', shape: 'y: Query<undefined, B>;' }],
  ]);
});

test('the sample of every procedure is one that the server takes, and that the page finds nothing wrong with', () => {
  for (const { path, input } of router) {
    const { schema } = of(path);
    if (schema === null) expect(samples[path], path).toBeUndefined();
    else {
      expect(samples[path], path).toBeDefined();
      expect(readInput(JSON.stringify(samples[path]), schema), path).toEqual({ value: samples[path], problems: [] });
    }
    if (input !== null)
      expect(input._zod.run({ value: samples[path], issues: [] }, {}), path).toMatchObject({ issues: [] });
  }
  expect(Object.keys(samples).filter((path) => of(path) === undefined)).toEqual([]);
  for (const [from, to] of Object.entries(NEXT)) expect([of(from)?.path, of(to)?.path]).toEqual([from, to]);
});

test('a sample without its id says what makes one', () => {
  const none = samplesOf({ ...CARRIED, jobId: null, ruleId: null }, { contentType: 'image/jpeg', bytes: 1 });
  expect(missingIn(none['jobs.execute'])).toBe('jobs.create');
  expect(missingIn(none['rules.get'])).toBe('rules.create');
  expect(missingIn(samples['jobs.execute'])).toBeNull();
});

describe('what is wrong with an input', () => {
  const problems = (path: string, input: unknown) =>
    readInput(typeof input === 'string' ? input : JSON.stringify(input), of(path).schema).problems;

  test('is said by its field, of the nearest alternative where there are several', () => {
    expect(
      problems('jobs.create', { preset: 'interior', photos: [{ contentType: 'image/jpeg', bytes: 'all' }] }),
    ).toEqual([{ field: 'photos[0].bytes', message: expect.stringContaining('number') }]);
    expect(problems('rules.create', { presetId: 'interior', concepts: {} })).toMatchObject([{ field: 'name' }]);
    expect(problems('jobs.list', { limit: 0 })).toMatchObject([{ field: 'limit' }]);
  });

  test('is said of the whole where it is no JSON', () => {
    expect(problems('jobs.get', '{')).toMatchObject([{ field: '', message: expect.stringContaining('JSON') }]);
  });
});

test('a command is one for a shell whatever the input holds, and a literal is the value', () => {
  const input = { id: `it's "$HOME" \`id\` \\ \n 100% & 벽` };
  const curl = curlOf({ procedure: of('rules.delete'), input, origin: 'http://127.0.0.1:1' }, 'token');
  const args = execFileSync('sh', ['-c', curl.replace('curl -sS', 'printf "%s\\0"')], { encoding: 'utf8' }).split('\0');
  expect(JSON.parse(args[args.indexOf('--data') + 1]!)).toEqual({ json: input });
  expect(args).toContain('authorization: Bearer token');
  expect(new Function(`return ${literal(input)}`)()).toEqual(input);
});

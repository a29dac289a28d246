/** The attack suite as a list: complete against the router, and told of in SECURITY.md as it is. What it runs is `npm run attack`. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromRoot } from '../../start/paths.ts';
import { GROUPS, Group, mismatch } from '../attacks/attack.ts';
import { ATTACKS } from '../attacks/attacks.ts';
import { MATRIX } from '../attacks/groups/ownership.ts';
import { proceduresOfRouter } from '../attacks/router.ts';
import { chosen } from '../attacks/run/options.ts';
import { casesOf } from '../fuzz/arbitrary/cases.ts';
import { faultsOf } from '../world/bundle/faults.ts';
import { replyOf } from '../world/bundle/http.ts';
import { changesBetween } from '../world/bundle/snapshot.ts';

const names = ATTACKS.map(({ group, name }) => `${group}: ${name}`);
const procedures = await proceduresOfRouter();

describe('the attacks', () => {
  test('are at least 120, under names of their own, and some in every group', () => {
    expect(names.length).toBeGreaterThanOrEqual(120);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(GROUPS.filter((group) => !ATTACKS.some((attack) => attack.group === group))).toEqual([]);
  });

  test('have a row for every procedure of the router in the two-user matrix, and none left over', () => {
    const paths = procedures.map(({ path }) => path).sort();
    expect(paths.length).toBeGreaterThan(20);
    expect(Object.keys(MATRIX).sort()).toEqual(paths);
    const rowless = paths.filter(
      (path) => path !== 'jobs.watch' && !names.some((name) => name.startsWith(`ownership: ${path} `)),
    );
    expect(rowless).toEqual([]);
  });

  test('call each procedure in the way that the router serves it', () => {
    const served = Object.fromEntries(procedures.map(({ path, type }) => [path, type]));
    for (const [path, row] of Object.entries(MATRIX))
      if (row.kind !== 'socket') expect([path, row.type]).toEqual([path, served[path]]);
  });

  test('are all but the slow ones in the short form', () => {
    const options = { only: null, short: true, list: false, help: false };
    const short = chosen(ATTACKS, options);
    expect(short.length).toBeGreaterThanOrEqual(120);
    expect(short.some(({ options: { long } }) => long)).toBe(false);
    expect(chosen(ATTACKS, { ...options, short: false, only: 'TOKENS: HS512' }).map(({ group }) => group)).toEqual([
      'tokens',
    ]);
  });
});

describe('SECURITY.md', () => {
  const security = readFileSync(fromRoot('SECURITY.md'), 'utf8');
  const told = [...security.matchAll(/`((?:[a-zA-Z-]+|supply chain|legal calls): [^`]+)`/g)].flatMap(
    ([, name]) => name ?? [],
  );

  test('names attacks that there are', () => {
    expect(told.length).toBeGreaterThan(40);
    expect(told.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('tells of every group', () => {
    expect(GROUPS.filter((group) => !told.some((name) => name.startsWith(`${group}: `)))).toEqual([]);
  });

  test('gives every threat a defence and an attack', () => {
    const rows = security.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| threat'));
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) {
      const [, threat, defence, attacks] = row.split(' | ').length === 3 ? ['', ...row.split(' | ')] : [];
      expect([threat !== '', defence !== '', attacks?.includes('`')], row.slice(0, 60)).toEqual([true, true, true]);
    }
  });
});

const LIVE = JSON.stringify([{ jobId: 'l', amount: 1, charged: null, outcome: null }]);

describe('a success of the attacker is seen', () => {
  test('in a status, a code and a body other than those that must come back', () => {
    const refused = replyOf(401, {}, '{"error":{"code":"AUTH_REQUIRED"}}');
    expect(mismatch(refused, { status: 401, code: 'AUTH_REQUIRED' })).toBeNull();
    expect(mismatch(refused, { status: 200 })).toContain('not 200');
    expect(mismatch(refused, { status: 401, code: 'TOKEN_INVALID' })).toContain('not TOKEN_INVALID');
    expect(mismatch(refused, { status: 401, body: /secret/ })).toContain('does not match');
  });

  test('in anything that changed', () => {
    const before = new Map([
      ['r2/a', '1'],
      ['d1/users/x', '{}'],
    ]);
    const after = new Map([
      ['r2/a', '2'],
      ['r2/b', '1'],
    ]);
    expect(changesBetween(before, after).map(({ path }) => path)).toEqual(['r2/a', 'd1/users/x', 'r2/b']);
    expect(changesBetween(before, before)).toEqual([]);
  });

  test('in a ledger that does not add up, by itself or beside D1', () => {
    const ledger = (balance: number, credits: number, billed: number) =>
      new Map([
        ['user/u/account/0', JSON.stringify({ plan: 'free', balance, held: 1, spent: 2, granted: 10, live: LIVE })],
        ['user/u/receipt/0', JSON.stringify({ job_id: 'j', amount: 2, charged: 2, outcome: '{"status":"done"}' })],
        ['d1/users/u', JSON.stringify({ id: 'u', plan: 'free', credits })],
        ['d1/billing_events/g', JSON.stringify({ id: 'g', user_id: 'u', type: 'grant', amount: billed, ref: null })],
      ]);
    expect(faultsOf(ledger(7, 8, 8))).toEqual([]);
    expect(faultsOf(ledger(8, 8, 8))).toHaveLength(1);
    expect(faultsOf(ledger(7, 9, 8))).toHaveLength(1);
    expect(faultsOf(ledger(7, 8, 10))).toHaveLength(1);
  });

  test('in an attack that is listed under its group', () => {
    const group = new Group('tokens');
    group.attack('a', { status: 401 }, async () => []);
    group.staged('b', { status: 401 }, async () => async () => []);
    expect(group.attacks.map(({ name, staged }) => [name, staged])).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });
});

test('the fuzzer makes calls of every procedure, callbacks and tokens, and the same ones from the same seed', () => {
  const sample = () => fc.sample(casesOf(procedures), { numRuns: 3000, seed: 7 });
  const cases = sample();
  const paths = new Set(cases.flatMap((one) => (one.kind === 'tRPC' ? [one.path] : [])));
  expect(procedures.filter(({ path }) => !paths.has(path))).toEqual([]);
  expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set(['tRPC', 'callback', 'token']));
  expect(JSON.stringify(sample())).toBe(JSON.stringify(cases));
});

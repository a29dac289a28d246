/** The weaknesses that attacks must catch: each attack has one, each fits the code. That each is caught, `npm run weaknesses` shows. */
import { describe, expect, test } from 'vitest';
import { type Attack, type Got, Group } from '../attacks/attack.ts';
import { ATTACKS } from '../attacks/attacks.ts';
import { gapsOf } from '../weaknesses/groups/coverage.ts';
import { WEAKNESSES } from '../weaknesses/groups/index.ts';
import { isCaught, type Weakness } from '../weaknesses/groups/weakness.ts';
import { chosen, parseOptions } from '../weaknesses/options.ts';
import { changed } from '../world/copy.ts';

test('every attack has a weakness that it must catch, and every weakness fits the code', () => {
  expect(gapsOf(WEAKNESSES, ATTACKS)).toEqual([]);
});

describe('a gap is named', () => {
  const group = new Group('tokens');
  group.attack('one', { status: 401 }, async () => []);
  group.attack('two', { status: 401 }, async () => []);
  const attacks: readonly Attack[] = group.attacks;
  const change = { file: 'package.json', find: '"name": "s3-workers"', replace: '"name": "other"' };
  const weakness = (more: Partial<Weakness> = {}): Weakness => ({
    name: 'w',
    changes: [change],
    catches: ['tokens: *'],
    ...more,
  });

  test('an attack without a weakness', () => {
    expect(gapsOf([weakness()], attacks)).toEqual([]);
    expect(gapsOf([weakness({ catches: ['tokens: one'] })], attacks)).toEqual([
      'no weakness makes "tokens: two" succeed',
    ]);
  });

  test('a weakness that names no attack, or none that there is', () => {
    expect(gapsOf([weakness(), weakness({ name: 'v', catches: [] })], attacks)).toEqual([
      '"v" changes or names nothing',
    ]);
    expect(gapsOf([weakness({ catches: ['tokens: *', 'tokens: three'] })], attacks)).toEqual([
      '"w" names no attack with "tokens: three"',
    ]);
  });

  test('a change that does not fit the code any more, or fits it twice', () => {
    expect(gapsOf([weakness({ changes: [{ ...change, find: 'gone' }] })], attacks)[0]).toMatch(
      /stands 0 times in package.json/,
    );
    expect(gapsOf([weakness({ changes: [change, { ...change, find: '"' }] })], attacks)[0]).toMatch(/stands \d+ times/);
  });

  test('a name that two have', () => {
    expect(gapsOf([weakness(), weakness()], attacks)).toEqual(['two weaknesses are called "w"']);
  });

  test('several changes are made in one file, one after the other', () => {
    const second = { ...change, find: '"name": "other"', replace: '"name": "third"' };
    expect(changed([change, second]).get('package.json')).toContain('"name": "third"');
  });
});

describe('an attack has caught a weakness', () => {
  const got = (kind: Got['kind'], status?: number, text = 'it changed r2/a'): Got[] => [
    { kind, text, ...(status === undefined ? {} : { status }) },
  ];

  test('when it was let in, when something changed, when it saw what it looked for', () => {
    for (const won of [
      got('answer', 200),
      got('answer', 101),
      got('change'),
      got('ledger'),
      got('reached'),
      got('claim'),
    ])
      expect(isCaught(won, {})).toBe(true);
  });

  test('not when the world broke, or refused it in other words', () => {
    for (const lost of [[], got('answer', 404), got('answer', 503), got('fault', 500), got('broke'), got('unprepared')])
      expect(isCaught(lost, {})).toBe(false);
  });

  test('when it got just what the weakness says, where it says so', () => {
    expect(isCaught(got('fault', 500, 'it answered 500'), { got: /answered 500/ })).toBe(true);
    expect(isCaught(got('change'), { got: /the ledger/ })).toBe(false);
    expect(isCaught(got('broke', undefined, 'it answered 500'), { got: /answered 500/ })).toBe(false);
  });
});

test('the short form is a sample that its seed decides, and in time all quick ones come to it', () => {
  const names = (seed: number) =>
    chosen(WEAKNESSES, parseOptions(['--short', '--seed', String(seed)])).map(({ name }) => name);
  expect(names(3)).toEqual(names(3));
  expect(names(3)).not.toEqual(names(4));
  const seen = new Set(Array.from({ length: 20 }, (_, seed) => names(seed)).flat());
  expect(seen.size).toBeGreaterThan(WEAKNESSES.length / 2);
  expect(() => parseOptions(['--seed', 'x'])).toThrow('--seed');
});

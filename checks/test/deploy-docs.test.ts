/** docs/DEPLOY.md beside the settings: every one has its word, and the waits of a rotation follow from them. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SECRET_NAMES } from '../../start/deploy/secrets.ts';
import { fromRoot } from '../../start/paths.ts';
import { NUMBER_WORDS, SECRET_WORDS, TEXT_WORDS } from '../contract-docs/setting-words.ts';
import { defaults, inUnits, overlaps } from '../contract-docs/settings.ts';

const page = readFileSync(fromRoot('docs', 'DEPLOY.md'), 'utf8');
const names = readFileSync(fromRoot('server', 'src', 'settings', 'names.ts'), 'utf8');
const union = (type: string): string[] => {
  const [, body = ''] = new RegExp(`export type ${type} =([^;]*);`).exec(names) ?? [];
  return [...body.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '').toSorted();
};

test('every text and every secret of the settings has its word, and every number', () => {
  expect(Object.keys(TEXT_WORDS).toSorted()).toEqual(union('TextName'));
  expect(Object.keys(SECRET_WORDS).toSorted()).toEqual(union('SecretName'));
  for (const name of [...Object.keys(TEXT_WORDS), ...Object.keys(SECRET_WORDS), ...Object.keys(NUMBER_WORDS)]) {
    expect(page.split('\n').filter((line) => line.startsWith(`| \`${name}\` | `)).length, name).toBeGreaterThan(0);
  }
});

test('a value is told in its largest whole unit', () => {
  expect(inUnits('JOB_CREATED_MS', 3_600_000)).toBe('1 h');
  expect(inUnits('UPLOAD_URL_SECONDS', 900)).toBe('15 min');
  expect(inUnits('JOB_CREATED_MS', 100)).toBe('100 ms');
  expect(inUnits('GPU_DAILY_PHOTOS', 20_000)).toBe('20,000');
});

/** In the table of rotations: what the row of a secret says in its last column. */
const [, rotations = ''] = page.split('## Rotate secrets');
const wait = (secret: string): string => {
  const row = rotations.split('\n').find((line) => line.startsWith('| `') && line.includes(`\`${secret}\``));
  return row?.split('|').at(-2)?.trim() ?? '';
};
const plural = (n: number, unit: string): string => `${n} ${unit}${n === 1 ? '' : 's'}`;

test('the waits of a rotation are those that the settings make necessary', () => {
  const { r2Hours, jwtDays, callbackDays } = overlaps(defaults());
  expect(wait('R2_SECRET_ACCESS_KEY')).toBe(plural(r2Hours, 'hour'));
  expect(wait('JWT_SECRET')).toBe(plural(jwtDays, 'day'));
  expect(wait('GPU_CALLBACK_SECRET')).toBe(plural(callbackDays, 'day'));
});

test('the wait for an R2 key is as long as the longest URL that it signs, and never beyond the week of SigV4', () => {
  const hours = (change: object) => overlaps({ ...defaults(), ...change }).r2Hours;
  expect(hours({ DOWNLOAD_URL_SECONDS: 86_400 })).toBe(24);
  expect(hours({ UPLOAD_URL_SECONDS: 2 * 86_400 })).toBe(48);
  expect(hours({ JOB_ATTEMPT_PER_PHOTO_MS: 3_600_000 })).toBe(7 * 24);
});

test('no secret of the table is one that a deployment would not put', () => {
  expect(Object.keys(SECRET_WORDS).toSorted()).toEqual([...SECRET_NAMES].toSorted());
});

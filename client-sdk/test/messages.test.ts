/** Words for people: every code, in both languages, with its data. */
import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../server/src/contract/errors.ts';
import { S3Error, type S3ErrorCode, type S3ErrorDataByCode } from '../src/errors.ts';
import { TEXTURES, TONES } from '../src/generated/presets.ts';
import { actions, errorText, fileText, textures, tones } from '../src/messages/index.ts';

const until = '2030-01-02T00:00:00.000Z';
/** Data of each code; the compiler misses none. */
const DATA: { [C in S3ErrorCode]: S3ErrorDataByCode[C] } = {
  VALIDATION_ERROR: { field: 'photos[3].bytes', issues: [] },
  ITEM_LIMIT: { field: 'photos', limit: 101, actual: 203 },
  AUTH_REQUIRED: null,
  TOKEN_EXPIRED: null,
  TOKEN_INVALID: null,
  CREDITS_EXHAUSTED: { needed: 31, balance: 17 },
  RULE_SLOT_FULL: { limit: 13 },
  JOB_NOT_FOUND: null,
  RULE_NOT_FOUND: null,
  PRESET_NOT_FOUND: { field: 'preset' },
  NOT_FOUND: null,
  INVALID_TRANSITION: { status: 'running', action: 'delete' },
  ALREADY_CANCELED: null,
  UPLOAD_INCOMPLETE: { missing: [1, 2], wrong: [{ idx: 3, reason: 'is empty' }] },
  IDEMPOTENCY_CONFLICT: { field: 'idempotencyKey' },
  PAYLOAD_TOO_LARGE: { limit: 262_144 },
  CONCURRENCY_LIMIT: { limit: 3, activeJobs: [] },
  RATE_LIMITED: { retryAfterSeconds: 47, until },
  CEILING_REACHED: { until },
  ALLOWANCE_EXHAUSTED: { limit: 19, until },
  INTERNAL_ERROR: null,
  SERVICE_UNAVAILABLE: { settings: [] },
  ABORTED: null,
  NETWORK_ERROR: { file: { index: 0, name: 'kitchen.jpg' } },
  OVER_BUDGET: { credits: 59, maxCredits: 41 },
  INVALID_FILE: { files: [{ index: 0, name: 'notes.txt', reason: 'text', message: 'is text' }] },
};
/** What a person has to read of the data. */
const SAYS: Partial<Record<S3ErrorCode, string[]>> = {
  VALIDATION_ERROR: ['photos[3].bytes'],
  ITEM_LIMIT: ['101', '203'],
  CREDITS_EXHAUSTED: ['31', '17'],
  RULE_SLOT_FULL: ['13'],
  UPLOAD_INCOMPLETE: ['3'],
  PAYLOAD_TOO_LARGE: ['262144'],
  CONCURRENCY_LIMIT: ['3'],
  ALLOWANCE_EXHAUSTED: ['19'],
  NETWORK_ERROR: ['kitchen.jpg'],
  OVER_BUDGET: ['59', '41'],
  INVALID_FILE: ['notes.txt'],
};
const CODES = Object.keys(DATA) as S3ErrorCode[];
const errorOf = (code: S3ErrorCode, data: unknown = DATA[code]) =>
  new S3Error({ code, message: 'the server said so', data: data as never });

test('the server has no code without a text', () => {
  for (const code of Object.keys(ERROR_CODES)) expect(CODES).toContain(code);
});

test.each(CODES)('%s is told in English and in Korean, with its data', (code) => {
  const [english, korean] = [errorText(errorOf(code), 'en', 'UTC'), errorText(errorOf(code), 'ko', 'UTC')];
  expect(english).toMatch(/^[^가-힣]+[.…]$/);
  expect(korean).toMatch(/[가-힣]/);
  for (const part of SAYS[code] ?? []) for (const text of [english, korean]) expect(text).toContain(part);
  for (const text of [english, korean]) expect(text).not.toMatch(/undefined|NaN|\[object|the server said so/);
});

test.each(['RATE_LIMITED', 'CEILING_REACHED', 'ALLOWANCE_EXHAUSTED'] as const)('%s says when it goes on', (code) => {
  expect(errorText(errorOf(code), 'en', 'UTC')).toContain('Jan 2, 2030');
  expect(errorText(errorOf(code), 'ko', 'Asia/Seoul')).toMatch(/2030\. 1\. 2\. 오전 9:00/);
});

test('a limit of a minute is told in seconds', () => {
  const error = errorOf('RATE_LIMITED', { retryAfterSeconds: 60 });
  expect(errorText(error, 'en')).toContain('60 seconds');
  expect(errorText(error, 'ko')).toContain('60초');
});

test('whatever else was thrown is an error of the server', () => {
  for (const language of ['en', 'ko'] as const) {
    expect(errorText(new Error('boom'), language)).toBe(errorText(errorOf('INTERNAL_ERROR'), language));
  }
});

test('each action, tone and texture of the contract has a name in both languages', () => {
  expect(Object.keys(tones)).toEqual([...TONES]);
  expect(Object.keys(textures)).toEqual([...TEXTURES]);
  expect(Object.keys(actions).sort()).toEqual(['recolor', 'remove', 'texture', 'tone']);
  for (const { en, ko } of [actions, tones, textures].flatMap((names) => Object.values(names))) {
    expect(en).toMatch(/^[A-Z][a-z]+$/);
    expect(ko).toMatch(/^[가-힣 ]+$/);
  }
});

test('a file that was picked in vain is told in both languages, whatever is amiss with it', () => {
  const another = { name: 'cat.jpg', reason: 'another' } as const;
  expect(fileText(another, 'en')).toBe('“cat.jpg” is none of the photos of this job.');
  expect(fileText(another, 'ko')).toMatch(/‘cat\.jpg’: .*사진이 아닙니다\.$/);
  expect(fileText({ name: 'notes.txt', reason: 'text' }, 'ko')).toContain('텍스트');
});

/** R2 keys: the exact forms of the contract, and no text that could leave its folder. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_PHOTOS } from '../../src/contract/limits.ts';
import { PRESETS } from '../../src/contract/presets.ts';
import {
  allPrefixes,
  indexOfKey,
  inputKey,
  inputPrefix,
  instancesKey,
  type JobRef,
  maskKey,
  outputKey,
  outputPrefix,
  previewKey,
  producedPrefixes,
} from '../../src/domain/keys.ts';

const JOB: JobRef = { userId: 'u1', jobId: 'j1' };
const ids = Object.values(PRESETS).flatMap(({ concepts, protectOnly }) => [
  ...Object.keys(concepts),
  ...Object.keys(protectOnly),
]);
const keysOf = (job: JobRef, idx: number, concept = 'Floor') => [
  inputKey(job, idx),
  outputKey(job, idx),
  previewKey(job, idx),
  maskKey(job, idx, concept),
  instancesKey(job, idx),
];

/** Parts that somebody might try, and everything else. */
const anyPart = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '.', '..', '../u2', 'a/b', '/', 'a\n', 'a\u0000', '%2e%2e', 'é', 'x'.repeat(129), 'u1', 'A-b_9'),
);

test('keys have the forms of the contract', () => {
  expect(keysOf(JOB, 7)).toEqual([
    'inputs/u1/j1/7.jpg',
    'outputs/u1/j1/7_result.png',
    'previews/u1/j1/7_thumb.jpg',
    'masks/u1/j1/7_Floor.png',
    'masks/u1/j1/7_instances.json',
  ]);
});

describe('no part of a key can leave its folder', () => {
  const folders = ['inputs', 'outputs', 'previews', 'masks', 'masks'];

  /** Whether `key` is in exactly the folder that its parts name, with one file name after it. */
  const stays = (key: string, kind: string | undefined, { userId, jobId }: JobRef) => {
    const segments = key.split('/');
    expect(segments.slice(0, 3)).toEqual([kind, userId, jobId]);
    expect(segments).toHaveLength(4);
    for (const segment of segments) expect(segment).toMatch(/^[\w-][\w.-]*$/);
  };

  test('whatever the user id, the job id and the concept are', () => {
    fc.assert(
      fc.property(anyPart, anyPart, anyPart, fc.nat(199), (userId, jobId, concept, idx) => {
        let keys: string[];
        try {
          keys = keysOf({ userId, jobId }, idx, concept);
        } catch (error) {
          expect(String(error)).toMatch('unsafe key part');
          expect([userId, jobId, concept].every((part) => /^[\w-]{1,128}$/.test(part))).toBe(false);
          return;
        }
        for (const [at, key] of keys.entries()) stays(key, folders[at], { userId, jobId });
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(['', '..', 'a/b', 'a\n', 'a.b', 'a b'])('the part %j throws', (bad) => {
    expect(() => inputPrefix({ ...JOB, userId: bad })).toThrow('unsafe key part');
    expect(() => outputPrefix({ ...JOB, jobId: bad })).toThrow('unsafe key part');
    expect(() => maskKey(JOB, 0, bad)).toThrow('unsafe key part');
  });
});

describe('prefixes', () => {
  test('cover every key of the job, and none of a job whose id starts alike', () => {
    const under = (prefixes: string[], key: string) => prefixes.some((prefix) => key.startsWith(prefix));
    for (const key of keysOf(JOB, 3)) expect(under(allPrefixes(JOB), key)).toBe(true);
    for (const key of keysOf({ ...JOB, jobId: 'j10' }, 3)) expect(under(allPrefixes(JOB), key)).toBe(false);
  });

  test('of what a GPU worker wrote leave the inputs out', () => {
    expect(producedPrefixes(JOB)).toEqual(['outputs/u1/j1/', 'previews/u1/j1/', 'masks/u1/j1/']);
    expect(allPrefixes(JOB)).toEqual(['inputs/u1/j1/', ...producedPrefixes(JOB)]);
  });
});

describe('the index in a key', () => {
  test('comes back from every key of every photo and concept', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_PHOTOS - 1 }), fc.constantFrom(...ids), (idx, concept) => {
        for (const key of keysOf(JOB, idx, concept)) expect(indexOfKey(key)).toBe(idx);
      }),
    );
  });

  test.each([
    'inputs/u1/j1/',
    'inputs/u1/j1/readme.txt',
    'inputs/u1/j1/x1.jpg',
    'inputs/u1/j1/-1.jpg',
    'inputs/u1/j1/1.jpg.tmp',
    'inputs/u1/j1/1e2.jpg',
    'inputs/u1/j1/1000.jpg',
    '5.jpg',
  ])('is null in %s', (key) => {
    expect(indexOfKey(key)).toBeNull();
  });
});

/** Page cursors: what a list gave out comes back as it was, and anything else is no cursor. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cursor as cursorShape } from '../../src/contract/ids.ts';
import { IDEMPOTENCY_KEY } from '../../src/contract/limits.ts';
import { decodeCursor, encodeCursor, isBehind, pageOf, startOf } from '../../src/domain/paging.ts';

const time = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER, Date.UTC(2026, 0, 1)));
const id = fc.oneof(fc.stringMatching(/^[0-9a-f]{64}$/), fc.stringMatching(/^[\x21-\x7e]{1,128}$/));

test('a cursor comes back as the time and the id that it was made of, whatever dots the id has', () => {
  fc.assert(
    fc.property(time, id, (at, name) => {
      expect(decodeCursor(encodeCursor({ at, id: name }))).toEqual({ at, id: name });
      expect(cursorShape.safeParse(encodeCursor({ at, id: name })).success).toBe(true);
    }),
  );
});

test('text that is no cursor gives null or a finite position, and never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      const position = decodeCursor(text);
      if (position !== null) expect(Number.isFinite(position.at)).toBe(true);
    }),
  );
});

describe('no cursor is', () => {
  test.each([
    '',
    '.',
    'abc',
    '.id',
    '1.',
    '1.a b',
    '1.é',
    'A.id',
    '-1.id',
    '123456789012.id',
    '1.id\n',
  ])('%j', (text) => {
    expect(decodeCursor(text)).toBeNull();
    expect(startOf(text)).toMatchObject({
      ok: false,
      refusal: { code: 'VALIDATION_ERROR', details: { field: 'cursor' } },
    });
  });
});

test('no cursor at all is the newest end of the list', () => {
  expect(startOf(undefined)).toMatchObject({ ok: true, value: { at: Number.MAX_SAFE_INTEGER } });
});

// Receipts of grants are named after the user and the operator's key, which may be as long as any idempotency key. The page
// after such a receipt can be asked for.
test('the longest receipt id that the server makes fits into a cursor', () => {
  const receipt = `grant:${'0'.repeat(36)}:admin:${'k'.repeat(IDEMPOTENCY_KEY.max)}`;
  expect(decodeCursor(encodeCursor({ at: Number.MAX_SAFE_INTEGER, id: receipt }))).toMatchObject({ id: receipt });
});

test('pages that follow each other have each entry of the list once, in its order', () => {
  const entry = fc.record({ at: fc.integer({ min: 0, max: 5 }), id: fc.stringMatching(/^[a-c]{1,3}$/) });
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: encodeCursor }), fc.integer({ min: 1, max: 4 }), (all, limit) => {
      const list = all.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
      const seen = [];
      let cursor: string | undefined;
      do {
        const start = startOf(cursor);
        if (!start.ok) return expect.unreachable();
        const behind = list.filter((one) => isBehind(one, start.value)).slice(0, limit + 1);
        const page = pageOf(behind, limit, (one) => one);
        expect(page.entries.length).toBeLessThanOrEqual(limit);
        seen.push(...page.entries);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(list);
    }),
  );
});

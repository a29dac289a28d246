/** The error table is the one of the contract, and whatever is thrown leaves as one of its codes, with no text of its own. */
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { ERROR_CODES, type ErrorCode } from '../../src/contract/errors.ts';
import { createInput, executeInput } from '../../src/contract/jobs.ts';
import { ruleCreateInput } from '../../src/contract/rules.ts';
import { fail, rpcRefusalOf } from '../../src/rpc/errors.ts';
import { SettingsError } from '../../src/settings/error.ts';

/** "Contracts: the API" of DESIGN.md. */
const TABLE: Record<number, string> = {
  400: 'VALIDATION_ERROR ITEM_LIMIT',
  401: 'AUTH_REQUIRED TOKEN_EXPIRED TOKEN_INVALID',
  402: 'CREDITS_EXHAUSTED',
  403: 'RULE_SLOT_FULL',
  404: 'JOB_NOT_FOUND RULE_NOT_FOUND PRESET_NOT_FOUND NOT_FOUND',
  409: 'INVALID_TRANSITION ALREADY_CANCELED UPLOAD_INCOMPLETE IDEMPOTENCY_CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  429: 'CONCURRENCY_LIMIT RATE_LIMITED CEILING_REACHED ALLOWANCE_EXHAUSTED',
  500: 'INTERNAL_ERROR',
  503: 'SERVICE_UNAVAILABLE',
};
const expected = Object.entries(TABLE).flatMap(([status, codes]) =>
  codes.split(' ').map((code): [string, number] => [code, Number(status)]),
);

describe('the error table', () => {
  test('has exactly the codes of the contract, each with its HTTP status', () => {
    const actual = Object.entries(ERROR_CODES).map(([code, { status }]) => [code, status]);
    expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
  });

  test.each(Object.keys(ERROR_CODES) as ErrorCode[])('tRPC answers %s with the same status', (code) => {
    const { trpc, status } = ERROR_CODES[code];
    expect(getHTTPStatusCodeFromError(new TRPCError({ code: trpc }))).toBe(status);
  });
});

/** The refusal of bad input, as the wire shows it. */
function refusalOfInput(shape: z.core.$ZodType, input: unknown) {
  const parsed = z.safeParse(shape, input);
  if (parsed.success) throw new Error('was taken');
  return rpcRefusalOf(new TRPCError({ code: 'BAD_REQUEST', cause: parsed.error }));
}
const photo = { contentType: 'image/jpeg', bytes: 1 };

describe('bad input names its field', () => {
  test.each([
    ['a photo without bytes', { preset: 'interior', photos: [photo, { ...photo, bytes: 0 }] }, 'photos[1].bytes'],
    ['a photo over 25 MB', { preset: 'interior', photos: [{ ...photo, bytes: 25_000_001 }] }, 'photos[0].bytes'],
    [
      'a photo of another type',
      { preset: 'interior', photos: [{ ...photo, contentType: 'image/gif' }] },
      'photos[0].contentType',
    ],
    ['no photos', { preset: 'interior', photos: [] }, 'photos'],
    ['more than 200 photos', { preset: 'interior', photos: Array(201).fill(photo) }, 'photos'],
    ['a short key', { preset: 'interior', photos: [photo], idempotencyKey: 'short' }, 'idempotencyKey'],
    ['no photos of another job', { from: { jobId: 'j1', indexes: [] } }, 'from.indexes'],
    ['a photo beyond the last', { from: { jobId: 'j1', indexes: [0, 200] } }, 'from.indexes[1]'],
  ])('jobs.create with %s', (_, input, field) => {
    expect(refusalOfInput(createInput, input)).toMatchObject({ code: 'VALIDATION_ERROR', details: { field } });
  });

  test.each([
    ['no concepts', { jobId: 'j1', concepts: {} }, 'concepts'],
    ['an unknown action', { jobId: 'j1', concepts: { Floor: { action: 'paint' } } }, 'concepts.Floor.action'],
    ['an unknown tone', { jobId: 'j1', concepts: { Floor: { action: 'tone', value: 'x' } } }, 'concepts.Floor.value'],
    [
      'a protect that is no text',
      { jobId: 'j1', concepts: { Floor: { action: 'remove' } }, protect: [7] },
      'protect[0]',
    ],
  ])('jobs.execute with %s', (_, input, field) => {
    expect(refusalOfInput(executeInput, input)).toMatchObject({ code: 'VALIDATION_ERROR', details: { field } });
  });

  test('all wrong fields are listed, the first one first', () => {
    const refusal = refusalOfInput(ruleCreateInput, { name: '', presetId: 'interior', concepts: {} });
    expect(refusal.code === 'VALIDATION_ERROR' && refusal.details.issues.map(({ field }) => field)).toEqual([
      'name',
      'concepts',
    ]);
  });

  test('an unknown preset is PRESET_NOT_FOUND, wherever it is named; one that is no text is bad input', () => {
    const rule = { name: 'oak', presetId: 'garden', concepts: { Floor: { action: 'remove' } } };
    expect(refusalOfInput(ruleCreateInput, rule)).toMatchObject({
      code: 'PRESET_NOT_FOUND',
      details: { field: 'presetId' },
    });
    expect(refusalOfInput(createInput, { preset: 'garden', photos: [photo] }).code).toBe('PRESET_NOT_FOUND');
    expect(refusalOfInput(createInput, { preset: 7, photos: [photo] }).code).toBe('VALIDATION_ERROR');
  });
});

describe('what was thrown', () => {
  test('on purpose leaves as it is', () => {
    expect(() => fail('RATE_LIMITED', 'too many', { retryAfterSeconds: 5 })).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }),
    );
    try {
      fail('RATE_LIMITED', 'too many', { retryAfterSeconds: 5 });
    } catch (error) {
      expect(rpcRefusalOf(error)).toEqual({
        code: 'RATE_LIMITED',
        message: 'too many',
        details: { retryAfterSeconds: 5 },
      });
    }
  });

  test('by settings names them, as SERVICE_UNAVAILABLE', () => {
    const error = new SettingsError([{ name: 'JWT_SECRET', problem: 'is missing' }]);
    expect(rpcRefusalOf(error)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', details: { settings: ['JWT_SECRET'] } });
  });

  test.each([
    new Error('D1_ERROR: no such table: users at SELECT * FROM users'),
    new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new Error('SELECT 1'), message: 'SELECT 1' }),
    'SELECT 1',
    null,
    undefined,
    { message: 'SELECT 1' },
  ])('by a bug is INTERNAL_ERROR without its text (%#)', (error) => {
    expect(rpcRefusalOf(error)).toEqual({ code: 'INTERNAL_ERROR', message: 'internal error', details: null });
  });

  test('by an overloaded object is SERVICE_UNAVAILABLE', () => {
    expect(rpcRefusalOf(Object.assign(new Error('x'), { overloaded: true })).code).toBe('SERVICE_UNAVAILABLE');
  });

  test('by tRPC for an unknown procedure is NOT_FOUND', () => {
    expect(rpcRefusalOf(new TRPCError({ code: 'NOT_FOUND' })).code).toBe('NOT_FOUND');
  });
});

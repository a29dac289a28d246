import { expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../server/src/contract/errors.ts';
import { isS3Error, S3Error } from '../src/index.ts';
import { refuse } from './refuse.ts';
import { caught, cut, setUp, status } from './support.ts';

test('a refusal carries its code, status, details and request id', async () => {
  const { api, client } = setUp();
  api.onCall = (path) => {
    if (path === 'jobs.create') refuse('CREDITS_EXHAUSTED', { needed: 3, balance: 1 }, 'not enough credits');
  };
  const error = await caught(
    client.jobs.create({ preset: 'seller', photos: [{ contentType: 'image/png', bytes: 9 }] }),
  );
  expect(error).toBeInstanceOf(S3Error);
  expect(error).toMatchObject({ code: 'CREDITS_EXHAUSTED', status: 402, requestId: 'req-1', retryable: false });
  expect((error as Error).message).toBe('not enough credits');
  expect(isS3Error(error, 'CREDITS_EXHAUSTED') && error.data.needed).toBe(3);
  expect(isS3Error(error, 'ITEM_LIMIT')).toBe(false);
});

test.each(Object.keys(ERROR_CODES) as ErrorCode[])('%s arrives as itself, with its status', async (code) => {
  const { api, client } = setUp();
  api.onCall = (path) => {
    if (path === 'presets.list') refuse(code, code === 'RATE_LIMITED' ? { retryAfterSeconds: 60 } : null);
  };
  const error = await caught(client.presets.list());
  expect(error).toMatchObject({ code, status: ERROR_CODES[code].status, requestId: 'req-1' });
});

test('a proxy page in place of an answer is NETWORK_ERROR with its status', async () => {
  const { api, client } = setUp();
  api.faults = [status(502)];
  expect(await caught(client.presets.list())).toMatchObject({ code: 'NETWORK_ERROR', status: 502, retryable: true });
  api.faults = [status(404)];
  expect(await caught(client.presets.list())).toMatchObject({ code: 'NETWORK_ERROR', status: 404, retryable: true });
});

test('no answer at all is NETWORK_ERROR without a status', async () => {
  const { api, client } = setUp();
  api.faults = [cut];
  expect(await caught(client.presets.list())).toMatchObject({
    code: 'NETWORK_ERROR',
    status: null,
    retryable: true,
    data: { file: null },
  });
});

test('the envelope of the REST routes is understood as well', async () => {
  const { api, client } = setUp();
  const body = {
    success: false,
    data: null,
    error: { code: 'SERVICE_UNAVAILABLE', message: 'JWT_SECRET is missing', details: { settings: ['JWT_SECRET'] } },
    meta: { request_id: 'req-9', timestamp: 'now' },
  };
  api.faults = [() => Response.json(body, { status: 503 })];
  const error = await caught(client.presets.list());
  expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', status: 503, requestId: 'req-9', retryable: false });
});

test('a code that this version does not know becomes INTERNAL_ERROR that names it', async () => {
  const { api, client } = setUp();
  const error = { message: 'new', code: -1, data: { errorCode: 'QUOTA_OF_2030', httpStatus: 418, requestId: 'req-2' } };
  api.faults = [() => Response.json({ error: { json: error } }, { status: 418 })];
  const seen = await caught(client.presets.list());
  expect(seen).toMatchObject({ code: 'INTERNAL_ERROR', status: 418, requestId: 'req-2', data: null });
  expect((seen as Error).message).toContain('QUOTA_OF_2030');
});

/** Whatever a worker, a log or a reporting tool keeps of it. */
const kept = (value: unknown): string => {
  const { message, stack, cause } = value as Error;
  return JSON.stringify([value, message, stack, cause]);
};

test('code, message and request id are still there after JSON.stringify, structuredClone and in the stack', async () => {
  const { api, client } = setUp();
  api.onCall = () => refuse('CREDITS_EXHAUSTED', { needed: 3, balance: 1 }, 'not enough credits');
  const error = await caught(client.presets.list());
  const { stack, ...json } = JSON.parse(JSON.stringify(error));
  expect(json).toEqual({
    name: 'S3Error',
    code: 'CREDITS_EXHAUSTED',
    message: 'not enough credits',
    data: { needed: 3, balance: 1 },
    status: 402,
    requestId: 'req-1',
    retryable: false,
    retryAfter: null,
    attempts: 1,
    jobId: null,
  });
  const clone: unknown = structuredClone(error);
  for (const text of ['CREDITS_EXHAUSTED', 'not enough credits', 'req-1']) expect(kept(clone)).toContain(text);
  expect((clone as Error).cause).toMatchObject({ code: 'CREDITS_EXHAUSTED', requestId: 'req-1' });
  expect((error as Error).stack).toMatch(/^S3Error \[CREDITS_EXHAUSTED, request req-1\]: not enough credits\n +at /);
});

test('an error that is told more of keeps the place where it happened, and its cause', async () => {
  const { api, client } = setUp();
  const cause = new TypeError('fetch failed');
  api.faults = [
    () => {
      throw cause;
    },
  ];
  const error = (await caught(client.presets.list())) as S3Error;
  expect(error.cause).toBe(cause);
  expect(error.stack).toContain('wire/http.ts');
  expect(kept(structuredClone(error))).toContain('NETWORK_ERROR');
});

test('errors of another copy of the package are recognised, other errors are not', () => {
  const foreign = Object.assign(new Error('x'), { code: 'ABORTED', [Symbol.for('s3-workers.S3Error')]: true });
  expect(isS3Error(foreign, 'ABORTED')).toBe(true);
  expect(isS3Error(Object.assign(new Error('x'), { code: 'ABORTED' }))).toBe(false);
  expect(isS3Error(null)).toBe(false);
});

/** What careful clients in other languages send: compressed bodies, marks before them, null for nothing, headers in every form. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { sign } from '../../../client-sdk/src/webhooks/index.ts';
import { ask, signUp, type User } from '../../../proving/world/workerd/client.ts';
import {
  type Answer,
  doneItem,
  failedItem,
  putResults,
  type RunningJob,
  runningJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect } from '../../../proving/world/workerd/objects.ts';

let user: User;
let job: RunningJob;
beforeEach(async () => {
  user = await signUp();
  job = await runningJob(user, 3);
});

type Headers = Record<string, string>;
const bearer = (): Headers => ({ authorization: `Bearer ${job.dispatch.callback_token}` });
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text));

async function send(body: BodyInit, headers: Headers = bearer(), path = `/jobs/${job.jobId}/callback`) {
  const answer = await ask(path, { method: 'POST', body, headers });
  return { status: answer.status, body: await answer.json<Answer['body']>() };
}
const taken = { status: 200, body: { data: { items: [{ idx: 0, outcome: 'accepted' }] } } };
const FAILED = JSON.stringify(failedItem(0));

async function packed(bytes: Uint8Array<ArrayBuffer>, format: 'gzip' | 'deflate'): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

describe('a compressed body', () => {
  test.each([
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    [' GZIP ', 'gzip'],
    ['deflate', 'deflate'],
  ] as const)('with Content-Encoding %s is unpacked', async (encoding, format) => {
    const body = await packed(utf8(FAILED), format);
    expect(await send(body, { ...bearer(), 'content-encoding': encoding })).toMatchObject(taken);
  });

  test('with Content-Encoding identity is one that is not compressed', async () => {
    expect(await send(FAILED, { ...bearer(), 'content-encoding': 'identity' })).toMatchObject(taken);
  });

  test.each(['sent', 'before it was compressed'])('is good under a signature over what it was %s', async (which) => {
    const body = await packed(utf8(FAILED), 'gzip');
    const signed = await signBytes(which === 'sent' ? body : utf8(FAILED));
    expect(await send(body, { ...signed, 'content-encoding': 'gzip' })).toMatchObject(taken);
  });

  test('under a signature over another one is refused', async () => {
    const signed = await signBytes(utf8(`${FAILED} `));
    const answer = await send(await packed(utf8(FAILED), 'gzip'), { ...signed, 'content-encoding': 'gzip' });
    expect(answer.status).toBe(401);
  });

  test('that unpacks to more than 1 MB is PAYLOAD_TOO_LARGE, and nothing beyond that is unpacked', async () => {
    // 300 MB: were it unpacked, the isolate would end.
    const bomb = await packedZeros(300);
    expect(bomb.length).toBeLessThan(400_000);
    for (const headers of [bearer(), await signBytes(bomb)]) {
      const answer = await send(bomb, { ...headers, 'content-encoding': 'gzip' });
      expect(answer).toMatchObject({
        status: 413,
        body: { error: { code: 'PAYLOAD_TOO_LARGE', details: { limit: 1024 * 1024 } } },
      });
    }
    expect(await inspect(job.jobId)).toMatchObject({ failed: 0, done: 0 });
  });

  test('of somebody without a credential is not unpacked', async () => {
    const decoding = vi.spyOn(TextDecoder.prototype, 'decode');
    const body = await packed(utf8(FAILED), 'gzip');
    const answer = await send(body, { 'content-encoding': 'gzip' });
    const texts = decoding.mock.results.map(({ value }) => value);
    decoding.mockRestore();
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'AUTH_REQUIRED' } } });
    expect(texts).not.toContain(FAILED);
  });

  test.each([
    ['content-encoding', 'gzip', utf8(FAILED)],
    ['content-encoding', 'gzip', new Uint8Array()],
    ['content-encoding', 'deflate', utf8(FAILED)],
    ['content-encoding', 'br', utf8(FAILED)],
    ['content-encoding', 'gzip, gzip', utf8(FAILED)],
    ['content-encoding', 'constructor', utf8(FAILED)],
  ])('that is not what it says is refused, and %s named (%s)', async (field, encoding, body) => {
    const answer = await send(body, { ...bearer(), 'content-encoding': encoding });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'VALIDATION_ERROR', details: { field } } } });
  });

  test('that was cut off is refused', async () => {
    const body = (await packed(utf8(FAILED), 'gzip')).slice(0, -9);
    expect((await send(body, { ...bearer(), 'content-encoding': 'gzip' })).status).toBe(400);
  });
});

describe('a byte order mark', () => {
  const marked = utf8(`\ufeff${FAILED}`);

  test('before the body is passed over', async () => {
    expect(await send(marked)).toMatchObject(taken);
  });

  test('is part of what is signed', async () => {
    expect((await send(marked, await signBytes(utf8(FAILED)))).status).toBe(401);
    expect(await send(marked, await signBytes(marked))).toMatchObject(taken);
  });

  test('in a compressed body is passed over as well', async () => {
    expect(await send(await packed(marked, 'gzip'), { ...bearer(), 'content-encoding': 'gzip' })).toMatchObject(taken);
  });
});

test('bytes that are no UTF-8 in a reason become U+FFFD, under a signature over the bytes', async () => {
  const [before, after] = FAILED.split('cannot');
  const body = new Uint8Array([...utf8(`${before}`), 0xff, 0xc3, ...utf8(`${after}`)]);
  expect(await send(body, await signBytes(body))).toMatchObject(taken);
  const { items } = await user.client.jobs.get.query({ jobId: job.jobId });
  expect(items[0]?.error).toBe('\ufffd\ufffd be decoded');
});

test('null is the same as a field that is absent, in every field that may be', async () => {
  await putResults(job, [0]);
  const nothing = {
    output_key: null,
    preview_key: null,
    error: null,
    attempt: null,
    idempotency_key: null,
    job_id: null,
  };
  const one = { idx: 0, status: 'done', ...nothing, items: null };
  expect(await send(JSON.stringify(one))).toMatchObject(taken);
  const several = { idx: null, status: null, ...nothing, items: [{ idx: 1, status: 'failed', ...nothing }] };
  expect((await send(JSON.stringify(several))).body.data?.items).toEqual([{ idx: 1, outcome: 'accepted' }]);
});

test('a callback with a slash at its end is the same', async () => {
  expect(await send(FAILED, bearer(), `/jobs/${job.jobId}/callback/`)).toMatchObject(taken);
  expect((await send(FAILED, bearer(), `/jobs/${job.jobId}/callback//`)).status).toBe(404);
});

describe("the job's token", () => {
  const forms: [string, (token: string) => Headers][] = [
    ['as Bearer', (token) => ({ authorization: `Bearer ${token}` })],
    ['as bearer', (token) => ({ authorization: `bearer ${token}` })],
    ['as BEARER, blanks around it', (token) => ({ authorization: `  BEARER  \t ${token}  ` })],
    ['in X-Callback-Secret', (token) => ({ 'x-callback-secret': token })],
    ['in X-GPU-Callback-Secret, blanks around it', (token) => ({ 'X-GPU-Callback-Secret': ` ${token} ` })],
    ['beside the bearer of somebody else', (token) => ({ authorization: 'Bearer proxy', 'x-callback-secret': token })],
  ];
  test.each(forms)('is taken %s, and so is callback_secret', async (_, headers) => {
    const { callback_token, callback_secret } = job.dispatch;
    expect(await send(FAILED, headers(callback_token))).toMatchObject(taken);
    expect((await send(FAILED, headers(callback_secret))).status).toBe(200);
    const theirs = (await runningJob(await signUp(), 1)).dispatch;
    expect((await send(FAILED, headers(theirs.callback_token))).status).toBe(401);
    expect((await send(FAILED, headers(theirs.callback_secret))).status).toBe(401);
  });
});

describe('a reason', () => {
  const said = async (error: string) => {
    await send(JSON.stringify({ items: [0, 1, 2].map((idx) => failedItem(idx, error)) }));
    const { items } = await user.client.jobs.get.query({ jobId: job.jobId });
    const [row] = await d1(
      'SELECT error, hex(error) AS hex FROM job_items_log WHERE job_id = ? AND idx = 0',
      job.jobId,
    );
    return { told: items[0]?.error, row };
  };
  const hexOf = (text: string) =>
    [...utf8(text)]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('')
      .toUpperCase();

  test('is cut before the character that does not fit, and lies in D1 as it is told', async () => {
    const kept = 'x'.repeat(499);
    expect(await said(`${kept}😀 and more`)).toEqual({ told: kept, row: { error: kept, hex: hexOf(kept) } });
  });

  test('with half a character is taken, and lies in D1 as valid UTF-8', async () => {
    const kept = 'too dark \ufffd!';
    expect(await said('too dark \ud83d!')).toEqual({ told: kept, row: { error: kept, hex: hexOf(kept) } });
  });

  test('with NUL is kept to its end', async () => {
    expect((await said('before\0after')).row).toMatchObject({ error: 'before\ufffdafter' });
  });
});

test.each([
  ['success', 'done'],
  ['SUCCEEDED', 'done'],
  ['Completed', 'done'],
  ['Failure', 'failed'],
  ['ERROR', 'failed'],
])('the status %s is %s', async (word, status) => {
  await putResults(job, [0, 1, 2]);
  await send(JSON.stringify({ items: [0, 1, 2].map((idx) => ({ ...doneItem(job, idx), status: word })) }));
  const { items } = await user.client.jobs.get.query({ jobId: job.jobId });
  expect(items.map((item) => item.status)).toEqual([status, status, status]);
});

test('a status that is none is refused, and the words that there are are told', async () => {
  const answer = await send(JSON.stringify({ items: [failedItem(1), { idx: 0, status: 'maybe' }] }));
  expect(answer).toMatchObject({ status: 400, body: { error: { details: { field: 'items[1].status' } } } });
  expect(answer.body.error?.message).toContain('done, completed,');
  expect(answer.body.error?.message).toContain('failed, failure,');
});

/** A signature over exactly these bytes. */
async function signBytes(bytes: Uint8Array<ArrayBuffer>): Promise<Headers> {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp } = await sign('msg_1', '', 'any');
  const key = await crypto.subtle.importKey(
    'raw',
    utf8(job.dispatch.callback_token),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  const mac = await crypto.subtle.sign('HMAC', key, new Uint8Array([...utf8(`${id}.${timestamp}.`), ...bytes]));
  const signature = `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`;
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

/** So many megabytes of zeros, compressed without ever lying there whole. */
async function packedZeros(megabytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new CompressionStream('gzip');
  const writer = writable.getWriter();
  const mega = new Uint8Array(1_000_000);
  const writing = (async () => {
    for (let n = 0; n < megabytes; n++) await writer.write(mega);
    await writer.close();
  })();
  const [all] = await Promise.all([new Response(readable).arrayBuffer(), writing]);
  return new Uint8Array(all);
}

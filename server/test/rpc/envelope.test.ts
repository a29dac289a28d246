/** Calls written by hand, in other languages and by other tools: what is meant is taken, and what is in the wrong place is said, by name. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { ask, askWith, creditsOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { CHOICE, PHOTO, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import { countObjects } from '../../../proving/world/workerd/objects.ts';
import { MAX_BATCH, MAX_RPC_BODY, MAX_RPC_URL } from '../../src/contract/limits.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

const json = () => ({ authorization: `Bearer ${user.token}`, 'content-type': 'application/json' });
const post = (path: string, body: BodyInit | null, headers: Record<string, string> = json()) =>
  ask(`/trpc/${path}`, { method: 'POST', headers, body });
const get = (path: string) => ask(`/trpc/${path}`, { headers: json() });

type Said = { code: string; field: unknown; message: string; path?: string };
type Wire = {
  error?: { json: { message: string; data: Record<string, unknown> } };
  result?: { data: { json: unknown } };
};
function saidOf({ error }: Wire): Said {
  const { message, data } = error?.json ?? expect.unreachable('it was taken');
  return { code: String(data.errorCode), field: (data.details as { field?: unknown } | null)?.field, message };
}
async function refused(answer: Response, status = 400): Promise<Said> {
  expect(answer.status).toBe(status);
  return saidOf(await answer.json<Wire>());
}
async function taken<T>(answer: Response): Promise<T> {
  const { result, error } = await answer.json<Wire>();
  expect(error).toBeUndefined();
  return result?.data.json as T;
}
const KEY = 'a-key-of-more-than-thirty-two-characters';
const signedUp = async (body: string) => (await taken<{ userId: string }>(await post('auth.anon', body))).userId;

describe('an input outside of json', () => {
  test.for<[string, string]>([
    ['as it is', `{"idempotencyKey":"${KEY}"}`],
    ['under another name', `{"input":{"idempotencyKey":"${KEY}"}}`],
    ['beside json', `{"json":{},"idempotencyKey":"${KEY}"}`],
    ['beside meta', `{"idempotencyKey":"${KEY}","meta":{"values":["undefined"]}}`],
    ['under an index, without a batch', `{"0":{"json":{"idempotencyKey":"${KEY}"}}}`],
    ['missing beside annotations', '{"meta":{"values":{"idempotencyKey":["undefined"]}}}'],
    ['a list', '[]'],
    ['a text', '"x"'],
  ])('%s makes no user, and the error names json', async ([, body]) => {
    const objects = await countObjects();
    const said = await refused(await post('auth.anon', body));
    expect(said).toMatchObject({ code: 'VALIDATION_ERROR', field: 'json' });
    expect(said.message).toContain('json');
    expect(await countObjects()).toBe(objects);
  });

  test('of a call that needs one is said as well, whether it is misplaced or missing', async () => {
    for (const body of ['{}', '', 'null', '{"jobId":"x"}']) {
      expect(await refused(await post('jobs.cancel', body))).toMatchObject({ code: 'VALIDATION_ERROR', field: 'json' });
    }
    for (const query of ['', '?input=', '?input=%7B%7D', `?input=${encodeURIComponent('{"jobId":"x"}')}`]) {
      expect(await refused(await get(`jobs.get${query}`))).toMatchObject({ field: 'json' });
    }
  });

  test('refuses its own call of a batch, and no other', async () => {
    const body = `{"0":{"idempotencyKey":"${KEY}"},"1":{"json":{"idempotencyKey":"${KEY}"}}}`;
    const answer = await post('auth.anon,auth.anon?batch=1', body);
    expect(answer.status).toBe(207);
    const [first, second] = await answer.json<[Wire, Wire]>();
    expect(saidOf(first)).toMatchObject({ code: 'VALIDATION_ERROR', field: 'json' });
    expect(second.result?.data.json).toMatchObject({ userId: expect.stringMatching(/^usr_/) });
  });

  test('a batch whose commas are escaped is the same batch', async () => {
    const answer = await get(`user.me%2Cjobs.list%2cuser.me?batch=1&input=${encodeURIComponent('{"2":{"json":{}}}')}`);
    expect(answer.status).toBe(200);
    expect(await answer.json<unknown[]>()).toHaveLength(3);
  });

  test.for<[string, string]>([
    ['of one call', `{"json":{"idempotencyKey":"${KEY}"}}`],
    ['with a name in place of a number', '{"0":{},"first":{}}'],
    ['with more inputs than calls', '{"0":{},"1":{},"2":{}}'],
    ['with numbers that are none', '{"00":{},"1":{}}'],
    ['as a list', '[{"json":{}},{"json":{}}]'],
  ])('%s is in no place of a batch, and nothing of it is done', async ([, body]) => {
    const answer = await post('auth.anon,auth.anon?batch=1', body);
    expect(answer.status).toBe(400);
    for (const said of (await answer.json<Wire[]>()).map(saidOf)) expect(said).toMatchObject({ field: 'json' });
    const inAddress = await get(`user.me,jobs.list?batch=1&input=${encodeURIComponent(body)}`);
    expect(inAddress.status).toBe(400);
  });
});

describe('a call that wants no input takes', () => {
  test.for([
    '{"json":{}}',
    '{"json":null}',
    '{}',
    '',
    'null',
    '{"json":{},"meta":null}',
    '{"meta":{"values":["undefined"]}}',
  ])('the body %j', async (body) => {
    for (const path of ['auth.renew', 'auth.anon', 'auth.revoke']) {
      await taken(await post(path, body));
      if (path === 'auth.revoke') user = await signUp();
    }
  });

  test('no body, with no type or whatever type a tool says by itself', async () => {
    const { authorization } = json();
    for (const headers of [{ authorization }, { authorization, 'content-type': 'application/x-www-form-urlencoded' }]) {
      await taken(await post('auth.renew', null, headers));
      await taken(await post('auth.anon', '', headers));
    }
  });

  test.for(['', '&input=', '&input=%7B%22json%22%3A%7B%7D%7D', '&input=null'])('the query %s', async (query) => {
    await taken(await get(`user.me?x=1${query}`));
    await taken(await get(`jobs.list?x=1${query}`));
  });

  test('nothing else', async () => {
    expect(await refused(await post('user.delete', '{"json":{"x":1}}'))).toMatchObject({ code: 'VALIDATION_ERROR' });
  });
});

describe('null for an absent field', () => {
  test('is the same user as without it', async () => {
    const without = await signedUp(`{"json":{"idempotencyKey":"${KEY}"}}`);
    const nulls = `{"json":{"idempotencyKey":"${KEY}","deviceHash":null,"turnstileToken":null},"meta":null}`;
    expect(await signedUp(nulls)).toBe(without);
  });

  test("is taken in jobs.create and jobs.execute, the other form's fields and a concept's value included", async () => {
    const made = await taken<{ jobId: string; uploads: unknown[] }>(
      await post(
        'jobs.create',
        JSON.stringify({ json: { preset: 'interior', photos: [PHOTO], from: null, idempotencyKey: null } }),
      ),
    );
    expect(made.uploads).toHaveLength(1);
    await user.client.jobs.cancel.mutate({ jobId: made.jobId });
    const { jobId } = await uploadedJob(user, 1);
    const choice = { Wall: { action: 'remove', value: null }, ...CHOICE.concepts };
    const none = { protect: null, outputTemplate: null, format: null, ruleId: null, idempotencyKey: null };
    const input = { json: { jobId, concepts: choice, ...none } };
    expect(await taken(await post('jobs.execute', JSON.stringify(input)))).toMatchObject({ status: 'queued' });
  });

  test('of a field that is needed is an error by its name', async () => {
    const input = { json: { preset: null, photos: [PHOTO] } };
    expect(await refused(await post('jobs.create', JSON.stringify(input)))).toMatchObject({ field: 'preset' });
    const rule = { json: { name: null, presetId: 'interior', ...CHOICE, protect: null } };
    expect(await refused(await post('rules.create', JSON.stringify(rule)))).toMatchObject({ field: 'name' });
  });
});

describe('a body', () => {
  const packed = (text: string, format: 'gzip' | 'deflate') =>
    new Response(new Response(text).body?.pipeThrough(new CompressionStream(format))).arrayBuffer();
  const BODY = `{"json":{"idempotencyKey":"${KEY}"}}`;

  test('that begins with a byte order mark is read without it', async () => {
    expect(await signedUp(`\ufeff${BODY}`)).toBe(await signedUp(BODY));
  });

  test.for(['gzip', 'deflate'] as const)('that is packed with %s is unpacked', async (format) => {
    const headers = { ...json(), 'content-encoding': format };
    const answer = await post('auth.anon', await packed(BODY, format), headers);
    expect((await taken<{ userId: string }>(answer)).userId).toBe(await signedUp(BODY));
  });

  test('that unpacks to more than the limit is too large, and is not unpacked beyond it', async () => {
    const huge = await packed(`{"json":"${'x'.repeat(50_000_000)}"}`, 'gzip');
    expect(huge.byteLength).toBeLessThan(MAX_RPC_BODY);
    const said = await refused(await post('auth.anon', huge, { ...json(), 'content-encoding': 'gzip' }), 413);
    expect(said).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(said.message).toContain(String(MAX_RPC_BODY));
  });

  test.for<[string, string]>([
    ['gzip', BODY],
    ['br', BODY],
    ['gzip, gzip', BODY],
  ])('that says %s and is not is refused by that', async ([encoding, body]) => {
    const said = await refused(await post('auth.anon', body, { ...json(), 'content-encoding': encoding }));
    expect(said).toMatchObject({ code: 'VALIDATION_ERROR', field: 'content-encoding' });
  });

  test('that is no JSON is said to be none', async () => {
    expect((await refused(await post('auth.anon', '{"json":'))).message).toBe('the input is not JSON');
  });
});

describe('a limit is named, with what came', () => {
  test('of the calls of a batch', async () => {
    for (const [method, path] of [
      ['GET', 'presets.list'],
      ['POST', 'auth.anon'],
    ] as const) {
      const paths = Array.from({ length: MAX_BATCH + 1 }, () => path).join(',');
      const init = method === 'GET' ? { headers: json() } : { method, headers: json(), body: '{}' };
      const said = await refused(await ask(`/trpc/${paths}?batch=1`, init));
      expect(said).toMatchObject({ code: 'VALIDATION_ERROR', field: 'batch' });
      expect(said.message).toMatch(/at most 20 calls.* 21/);
    }
  });

  test('of the address and of the body', async () => {
    const long = await refused(await get(`jobs.get?input=${'x'.repeat(MAX_RPC_URL)}`), 413);
    expect(long.message).toContain(`${MAX_RPC_URL} characters`);
    const large = await refused(await post('auth.anon', 'x'.repeat(MAX_RPC_BODY + 1)), 413);
    expect(large.message).toContain(`${MAX_RPC_BODY} bytes`);
  });
});

describe('the method HEAD', () => {
  test.for([
    '/health',
    '/health/',
    '/trpc/presets.list',
    '/nothing',
    '/trpc/nothing',
    '/trpc/jobs.cancel',
    '/trpc/watch/abc',
  ])('is answered at %s as GET is, without a body', async (path) => {
    const [asked, head] = [await ask(path), await ask(path, { method: 'HEAD' })];
    expect(await head.text()).toBe('');
    expect(head.status).toBe(asked.status);
    for (const name of ['content-type', 'cache-control', 'x-content-type-options']) {
      expect(head.headers.get(name), name).toBe(asked.headers.get(name));
    }
  });

  test('changes nothing and opens no socket', async () => {
    const before = await creditsOf(user);
    const input = encodeURIComponent(JSON.stringify({ json: { preset: 'interior', photos: [PHOTO] } }));
    expect((await ask(`/trpc/jobs.create?input=${input}`, { method: 'HEAD', headers: json() })).status).toBe(405);
    expect(await creditsOf(user)).toEqual(before);
    const upgrade = await askWith(env, '/trpc/watch/abc', { method: 'HEAD', headers: { upgrade: 'websocket' } });
    expect(upgrade.status).toBe(426);
  });
});

test('a slash at the end of an address means nothing', async () => {
  expect((await ask('/health/')).status).toBe(200);
  expect((await ask('/trpc/presets.list/')).status).toBe(200);
  expect((await ask('/trpc/watch/abc/')).status).toBe(426);
  expect((await ask('/jobs/abc/callback/', { method: 'POST', body: '{}' })).status).toBe(401);
  expect((await ask('/health//')).status).toBe(404);
});

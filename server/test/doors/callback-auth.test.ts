/** Who may report results: every credential, each part of it altered, and that nothing is touched before it is checked. */
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { askWith, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { pass, SECOND } from '../../../proving/world/workerd/clock.ts';
import { failedItem, post, type RunningJob, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { countObjects, inspect } from '../../../proving/world/workerd/objects.ts';

const secret = env.GPU_CALLBACK_SECRET ?? '';
let user: User;
let job: RunningJob;
let other: RunningJob;

beforeAll(async () => {
  user = await signUp('pro');
  other = await runningJob(user, 1);
});
beforeEach(async () => {
  user = await signUp();
  job = await runningJob(user, 2);
});

const body = JSON.stringify(failedItem(0));
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A Standard Webhooks signature, made as its specification says. */
async function signed(key: string, text: string, at = Date.now() / 1000, id = 'msg_1') {
  const timestamp = String(Math.floor(at));
  const encode = (value: string) => new TextEncoder().encode(value);
  const hmac = await crypto.subtle.importKey('raw', encode(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', hmac, encode(`${id}.${timestamp}.${text}`)));
  const signature = `v1,${btoa(String.fromCharCode(...mac))}`;
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

async function expectTaken(headers: Record<string, string>, text = body) {
  const answer = await post(job.jobId, text, headers);
  expect(answer).toMatchObject({ status: 200, body: { success: true, error: null } });
  expect(answer.body.data?.items).toEqual([{ idx: 0, outcome: 'accepted' }]);
}

/** Refused as unauthorized, with no object reached and nothing settled. */
async function expectRefused(headers: Record<string, string>, text = body) {
  const reached = vi.spyOn(env.JOB_COORDINATOR, 'get');
  const answer = await post(job.jobId, text, headers);
  expect(answer).toMatchObject({ status: 401, body: { success: false, data: null, error: { code: 'AUTH_REQUIRED' } } });
  expect(reached).not.toHaveBeenCalled();
  reached.mockRestore();
  expect(await inspect(job.jobId)).toMatchObject({ failed: 0, done: 0 });
}

describe('tokens and secrets', () => {
  test("the job's token as bearer is taken", () => expectTaken(bearer(job.dispatch.callback_token)));
  test('the global secret as bearer is taken', () => expectTaken(bearer(secret)));
  test.for(['X-Callback-Secret', 'X-GPU-Callback-Secret'])('the global secret in %s is taken', (name) =>
    expectTaken({ [name]: secret }));

  test('no credential is refused', () => expectRefused({}));
  test('the token of another job is refused', () => expectRefused(bearer(other.dispatch.callback_token)));
  test('a token with a character more or less is refused', async () => {
    await expectRefused(bearer(`${job.dispatch.callback_token}A`));
    await expectRefused(bearer(job.dispatch.callback_token.slice(0, -1)));
  });
  test.for(['X-Callback-Secret', 'X-GPU-Callback-Secret'])('a wrong secret in %s is refused', (name) =>
    expectRefused({ [name]: `${secret}x` }));
  test.for(['X-Callback-Secret', 'X-GPU-Callback-Secret'])('the token of another job in %s is refused', (name) =>
    expectRefused({ [name]: other.dispatch.callback_token }));
  test('an empty secret is refused', () => expectRefused({ 'X-Callback-Secret': '', authorization: 'Bearer ' }));
  test("a user's session token is refused", () => expectRefused(bearer(user.token)));
  test('the admin secret is refused', () => expectRefused(bearer(env.ADMIN_SECRET ?? '')));
});

describe('the global secret switched off', () => {
  const off = { ...env, GPU_CALLBACK_GLOBAL_SECRET: 'off' };
  const send = async (headers: Record<string, string>, text = body) =>
    (await askWith(off, `/jobs/${job.jobId}/callback`, { method: 'POST', body: text, headers })).status;

  test('refuses it in every place and as a signing key, and still takes the token of the job', async () => {
    expect(await send(bearer(secret))).toBe(401);
    expect(await send({ 'X-Callback-Secret': secret })).toBe(401);
    expect(await send({ 'X-GPU-Callback-Secret': secret })).toBe(401);
    const named = JSON.stringify({ ...failedItem(0), job_id: job.jobId });
    expect(await send(await signed(secret, named), named)).toBe(401);
    expect(await inspect(job.jobId)).toMatchObject({ failed: 0 });
    expect(await send(bearer(job.dispatch.callback_token))).toBe(200);
  });
});

test('the previous secret is taken while it is set: its tokens and itself', async () => {
  const rotated = {
    ...env,
    GPU_CALLBACK_SECRET: 'a-new-callback-secret-of-at-least-32-bytes',
    GPU_CALLBACK_SECRET_PREVIOUS: secret,
  };
  for (const token of [job.dispatch.callback_token, secret]) {
    const init = { method: 'POST', body, headers: bearer(token) };
    expect((await askWith(rotated, `/jobs/${job.jobId}/callback`, init)).status).toBe(200);
    const { GPU_CALLBACK_SECRET_PREVIOUS: _, ...later } = rotated;
    expect((await askWith(later, `/jobs/${job.jobId}/callback`, init)).status).toBe(401);
  }
});

describe('Standard Webhooks signatures', () => {
  const token = () => job.dispatch.callback_token;

  test("with the job's token are taken", async () => expectTaken(await signed(token(), body)));

  test('among several signatures one good one is enough', async () => {
    const headers = await signed(token(), body);
    await expectTaken({ ...headers, 'webhook-signature': `v1,AAAA v2,BBBB ${headers['webhook-signature']}` });
  });

  test.for([-299, 299])('made %s seconds from now are taken', async (seconds) => {
    await expectTaken(await signed(token(), body, Date.now() / 1000 + seconds));
  });
  test.for([-301, 301])('made %s seconds from now are refused', async (seconds) => {
    await expectRefused(await signed(token(), body, Date.now() / 1000 + seconds));
  });
  test('that were good are refused five minutes later', async () => {
    const headers = await signed(token(), body);
    pass(301 * SECOND);
    await expectRefused(headers);
  });

  const altered: [string, (headers: Record<string, string>) => [Record<string, string>, string]][] = [
    ['another id', (headers) => [{ ...headers, 'webhook-id': 'msg_2' }, body]],
    [
      'another time',
      (headers) => [{ ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }, body],
    ],
    ['another body', (headers) => [headers, JSON.stringify(failedItem(1))]],
    [
      'another version',
      (headers) => [{ ...headers, 'webhook-signature': headers['webhook-signature']?.replace('v1', 'v2') ?? '' }, body],
    ],
    [
      'half a signature',
      (headers) => [{ ...headers, 'webhook-signature': headers['webhook-signature']?.slice(0, 20) ?? '' }, body],
    ],
    [
      'no version',
      (headers) => [{ ...headers, 'webhook-signature': headers['webhook-signature']?.slice(3) ?? '' }, body],
    ],
    ['a time that is no number', (headers) => [{ ...headers, 'webhook-timestamp': 'NaN' }, body]],
    ['no id', ({ 'webhook-id': _, ...headers }) => [headers, body]],
    ['no time', ({ 'webhook-timestamp': _, ...headers }) => [headers, body]],
    ['no signature', ({ 'webhook-signature': _, ...headers }) => [headers, body]],
  ];
  test.for(altered)('with %s are refused', async ([, alter]) => {
    await expectRefused(...alter(await signed(token(), body)));
  });

  test('with the token of another job are refused', async () => {
    await expectRefused(await signed(other.dispatch.callback_token, body));
  });

  test('with the global secret are taken when the body names the job', async () => {
    const named = JSON.stringify({ ...failedItem(0), job_id: job.jobId });
    await expectTaken(await signed(secret, named), named);
  });
  test('with the global secret are refused when the body names no job or another one', async () => {
    await expectRefused(await signed(secret, body));
    const foreign = JSON.stringify({ ...failedItem(0), job_id: other.jobId });
    await expectRefused(await signed(secret, foreign), foreign);
    await expectRefused(await signed(secret, 'no json'), 'no json');
  });
});

test('an unauthorized callback for a job that never was makes no object', async () => {
  const objects = await countObjects();
  const absent = env.JOB_COORDINATOR.idFromName('nobody:nothing').toString();
  expect((await post(absent, body, bearer('guess'))).status).toBe(401);
  expect(await countObjects()).toBe(objects);
});

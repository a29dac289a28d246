/** Limits on what a user may do in a minute, and on what all users together may send to the GPU in a day. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { askWith, creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, pass } from '../../../proving/world/workerd/clock.ts';
import { CHOICE, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobRpc, sqlIn, userObject } from '../../../proving/world/workerd/objects.ts';
import { queue } from '../../../proving/world/workerd/queue.ts';
import type { Env } from '../../src/bindings.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});

describe('mutations of a user', () => {
  const limited = (limit: number): Partial<Env> & { keys: string[] } => {
    const keys: string[] = [];
    const count = ({ key }: RateLimitOptions) => {
      keys.push(key);
      return Promise.resolve({ success: keys.filter((other) => other === key).length <= limit });
    };
    return { MUTATION_LIMIT: { limit: count }, keys };
  };
  const headers = () => ({ authorization: `Bearer ${user.token}`, 'content-type': 'application/json' });
  const body = JSON.stringify({ json: { jobId: 'x' } });

  test('are counted per call, user and router, and RATE_LIMITED beyond that', async () => {
    const { keys, ...settings } = limited(2);
    const post = (path: string, init: RequestInit) =>
      askWith({ ...env, ...settings }, path, { method: 'POST', ...init });
    const one = await post('/trpc/jobs.cancel', { headers: headers(), body });
    expect(one.status).toBe(404);
    const batch = JSON.stringify({ 0: { json: { jobId: 'x' } }, 1: { json: { jobId: 'x' } } });
    const two = await post('/trpc/jobs.cancel,jobs.delete?batch=1', { headers: headers(), body: batch });
    const codes = (await two.json<{ error: { json: { data: { errorCode: string } } } }[]>()).map(
      ({ error }) => error.json.data.errorCode,
    );
    expect(codes.sort()).toEqual(['JOB_NOT_FOUND', 'RATE_LIMITED']);
    const three = await post('/trpc/jobs.create', { headers: headers(), body });
    expect(three.status).toBe(429);
    expect(await three.text()).toContain('"retryAfterSeconds":60');
    expect((await post('/trpc/auth.renew', { headers: headers() })).status).toBe(200);
    expect(new Set(keys)).toEqual(new Set([`${user.userId}:jobs`, `${user.userId}:auth`]));
  });

  test('are not counted for who has no valid token, and queries never are', async () => {
    const { keys, ...settings } = limited(0);
    const forged = { ...headers(), authorization: `Bearer ${user.token}x` };
    const init = { method: 'POST', headers: forged, body };
    expect((await askWith({ ...env, ...settings }, '/trpc/jobs.cancel', init)).status).toBe(401);
    expect((await askWith({ ...env, ...settings }, '/trpc/user.me', { headers: headers() })).status).toBe(200);
    expect(keys).toEqual([]);
  });
});

describe('photos sent to the GPU in a day', () => {
  const fill = (photos: number) => ceilingsOf(env).claimDispatch({ jobId: crypto.randomUUID(), photos });
  const sent = async () =>
    (await sqlIn(userObject('ceilings'), 'SELECT photos FROM day ORDER BY day DESC LIMIT 1'))[0]?.photos;
  const execute = (jobId: string, idempotencyKey = 'execute-once') =>
    user.client.jobs.execute.mutate({ jobId, ...CHOICE, idempotencyKey });
  /** A day of its own, its ceiling used up but for so many photos. */
  const freshDay = async (nth: number, left: number) => {
    pass(nth * 40 * DAY);
    user = await signUp();
    await fill(1_000_000_000 - left);
  };

  test('have a ceiling: beyond it execute is CEILING_REACHED until midnight, and the job waits as it is', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    await freshDay(1, 1);
    const { jobId } = await uploadedJob(user, 2);
    const before = queue.sent.length;
    const until = '2030-02-11T00:00:00.000Z';
    expect(await refusalOf(execute(jobId))).toMatchObject({
      code: 'CEILING_REACHED',
      httpStatus: 429,
      details: { until },
    });
    expect(await inspect(jobId)).toMatchObject({ status: 'uploaded', attempt: 0, pendingEffects: [] });
    expect(queue.sent).toHaveLength(before);
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
    pass(DAY / 2);
    expect((await user.client.jobs.cancel.mutate({ jobId })).refunded).toBe(2);
    const next = await uploadedJob(user, 2);
    pass(DAY / 2);
    expect((await execute(next.jobId)).status).toBe('queued');
  });

  test('are counted once, whether execute is repeated or was refused before', async () => {
    await freshDay(2, 4);
    const { jobId } = await uploadedJob(user, 2);
    for (let nth = 0; nth < 3; nth++) await execute(jobId);
    expect(await sent()).toBe(1_000_000_000 - 2);
    expect((await refusalOf(execute(jobId, 'another-key'))).code).toBe('INVALID_TRANSITION');
    expect(await sent()).toBe(1_000_000_000 - 2);
  });

  test("are not counted for somebody else's job, nor for a choice that does not fit", async () => {
    await freshDay(3, 4);
    const { jobId } = await uploadedJob(user, 2);
    const stranger = { userId: 'usr_stranger', requestId: 'req_test' };
    const command = { choice: { ...CHOICE, protect: undefined, outputTemplate: undefined }, rule: null };
    const rest = { callbackBase: 'https://api.test', idempotencyKey: 'execute-once' };
    expect((await jobRpc(jobId).execute(stranger, { ...command, ...rest })).ok).toBe(false);
    const concepts = { Hovercraft: { action: 'remove' } } as const;
    expect((await refusalOf(user.client.jobs.execute.mutate({ jobId, concepts }))).code).toBe('VALIDATION_ERROR');
    expect(await sent()).toBe(1_000_000_000 - 4);
  });

  test('when they cannot be counted none are sent, and the job waits', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const { jobId } = await uploadedJob(user, 2);
    const get = env.USER_LIMITER.get.bind(env.USER_LIMITER);
    const reserved = env.USER_LIMITER.idFromName('ceilings');
    const away = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((id) => {
      if (id.equals(reserved)) throw new Error('away');
      return get(id);
    });
    expect((await refusalOf(execute(jobId))).code).toBe('SERVICE_UNAVAILABLE');
    expect((await inspect(jobId)).status).toBe('uploaded');
    away.mockRestore();
    expect((await execute(jobId)).status).toBe('queued');
  });
});

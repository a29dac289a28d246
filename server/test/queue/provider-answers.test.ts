/** What each answer of the provider to a run means: taken, not now, never, or perhaps. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { creditsOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { HOUR, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { answering, gpu, losingTheAnswer } from '../../../proving/world/workerd/gpu.ts';
import { dispatchOf, finish, queuedJob } from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobObject } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent, sentFor } from '../../../proving/world/workerd/queue.ts';
import { runpodDispatcher } from '../../src/gpu/runpod.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const queued = async (count = 2) => lastSent((await queuedJob(user, count)).jobId);

describe('the provider', () => {
  test.for([
    [429, 'warn'],
    [503, 'warn'],
    [521, 'warn'],
    [523, 'warn'],
    [401, 'error'],
    [403, 'error'],
    [404, 'error'],
    [302, 'error'],
  ] as const)('that answers %i says no for now: no try is used, and the job asks again by itself, later and later; %s', async ([
    status,
    level,
  ]) => {
    const lines = vi.spyOn(console, level).mockReturnValue();
    gpu.script.dispatch = answering(status);
    const message = await queued();
    const { job_id } = message;
    expect(await deliver(message)).toEqual({ acked: ['m0'], retried: [] });
    expect(lines.mock.calls.flat().join()).toContain('"event":"dispatch.refused"');
    expect(await inspect(job_id)).toMatchObject({
      dispatch: 'none',
      status: 'queued',
      attempt: 1,
      runs: [{ refusals: 1 }],
      providerSaid: { words: `the GPU provider answered ${status}: no` },
    });
    for (let hour = 0; hour < 20; hour++) {
      pass(10 * MINUTE);
      await wake(jobObject(job_id));
    }
    expect(gpu.dispatchesOf(job_id).length).toBeGreaterThan(15);
    expect(sentFor(job_id)).toHaveLength(1);
    expect(await inspect(job_id)).toMatchObject({ status: 'queued', attempt: 1, failed: 0 });
    gpu.script.dispatch = () => Response.json({ id: 'run-2' });
    pass(10 * MINUTE);
    await wake(jobObject(job_id));
    expect(await inspect(job_id)).toMatchObject({ dispatch: 'sent', status: 'running', providerId: 'run-2' });
    const job = { userId: user.userId, jobId: job_id, photos: 2, dispatch: dispatchOf(job_id) };
    expect((await finish(job, [0, 1])).body.data?.status).toBe('done');
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });

  test('that says no can be called off at once', async () => {
    gpu.script.dispatch = answering(429);
    const message = await queued();
    await deliver(message);
    expect(await user.client.jobs.cancel.mutate({ jobId: message.job_id })).toMatchObject({
      status: 'canceled',
      refunded: 2,
    });
    const asked = gpu.dispatches.length;
    pass(HOUR);
    await wake(jobObject(message.job_id));
    expect(gpu.dispatches).toHaveLength(asked);
  });

  test.for([
    400, 413, 422,
  ])('that answers %i takes no such message: three tries, then its photos fail by its words', async (status) => {
    const errors = vi.spyOn(console, 'error').mockReturnValue();
    gpu.script.dispatch = () => Response.json({ error: 'no  such\nfield, cb_abcdefghijklmnopqrstuvwxyz' }, { status });
    const { job_id } = await queued(1);
    for (const attempt of [1, 2, 3]) {
      expect(lastSent(job_id).attempt).toBe(attempt);
      expect((await deliver(lastSent(job_id))).acked).toEqual(['m0']);
      // The next message goes out after a wait.
      expect(lastSent(job_id).attempt).toBe(attempt);
      pass(MINUTE);
      await wake(jobObject(job_id));
    }
    expect(errors.mock.calls.flat().join()).toContain('"event":"dispatch.wrong"');
    const view = await user.client.jobs.get.query({ jobId: job_id });
    expect(view).toMatchObject({ status: 'failed', charged: 0 });
    expect(view.items[0]?.error).toBe(`the GPU provider answered ${status}: no such field, █`);
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test.for([
    ['is lost on the way', losingTheAnswer],
    ['is 500', answering(500)],
    ['is 502', answering(502)],
    ['is 408', answering(408)],
  ] as const)('whose answer %s may run the job: the message is acked and the lease decides', async ([, dispatch]) => {
    gpu.script.dispatch = dispatch;
    const message = await queued();
    expect(await deliver(message)).toMatchObject({ acked: ['m0'], retried: [] });
    expect(await inspect(message.job_id)).toMatchObject({ dispatch: 'claimed', providerId: null, attempt: 1 });
    expect((await deliver(message)).acked).toEqual(['m0']);
    expect(gpu.dispatchesOf(message.job_id)).toHaveLength(1);
    const job = { userId: user.userId, jobId: message.job_id, photos: 2, dispatch: dispatchOf(message.job_id) };
    expect((await finish(job, [0, 1])).body.data?.status).toBe('done');
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });

  test.for([
    ['no body', () => new Response(null, { status: 200 })],
    ['no JSON', () => new Response('ok')],
    ['JSON without an id', () => Response.json({ ok: true })],
    ['a null id', () => Response.json({ id: null })],
  ] as const)('that accepts with %s has the run, without a name for it', async ([, dispatch]) => {
    gpu.script.dispatch = dispatch;
    const message = await queued();
    expect((await deliver(message)).acked).toEqual(['m0']);
    expect(await inspect(message.job_id)).toMatchObject({ dispatch: 'sent', status: 'running', providerId: null });
  });

  test('that calls a run by a number has a name for it', async () => {
    gpu.script.dispatch = () => Response.json({ id: 7, status: null });
    const message = await queued();
    await deliver(message);
    expect(await inspect(message.job_id)).toMatchObject({ dispatch: 'sent', providerId: '7' });
  });

  test('where every run has a name, and that gives none, may have it or not: its words are for the log', async () => {
    gpu.script.dispatch = () => Response.json({ error: 'endpoint is paused' });
    const door = { url: env.GPU_URL ?? '', apiKey: env.GPU_API_KEY ?? null, timeoutMs: 1_000 };
    const message = { job_id: 'a', attempt: 1, items: [] } as never;
    const { dispatch, bodyOf } = runpodDispatcher(door);
    expect(await dispatch(bodyOf(message, { workMs: 1, untilMs: 1 }))).toEqual({
      kind: 'ambiguous',
      reason: 'the GPU provider answered 200: endpoint is paused',
    });
  });

  test('whose word on a run is longer than anybody reads has said nothing', async () => {
    const { status } = runpodDispatcher({ url: env.GPU_URL ?? '', apiKey: env.GPU_API_KEY ?? null, timeoutMs: 5_000 });
    const output = (bytes: number) => () => Response.json({ output: 'x'.repeat(bytes), status: 'COMPLETED' });
    gpu.script.status = output(900_000);
    expect(await status('run-1')).toEqual({ status: 'completed' });
    gpu.script.status = output(1_100_000);
    expect(await status('run-1')).toEqual({ status: 'unknown' });
  });
});

describe('what the provider answered is told to the job again when the telling was lost', () => {
  /** The second stub of a delivery carries the answer, the first the claim. */
  function losingTheSecond(arrives: boolean): { stubs(): number } {
    const { get } = env.JOB_COORDINATOR;
    const lost = () => {
      throw Object.assign(new Error('moved'), { retryable: true });
    };
    let stubs = 0;
    vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementation((id) => {
      const stub = Reflect.apply(get, env.JOB_COORDINATOR, [id]);
      if (++stubs !== 2) return stub;
      return new Proxy(stub, {
        get: (_, method) => (arrives ? (...args: never[]) => Reflect.get(stub, method)(...args).then(lost) : lost),
      });
    });
    return { stubs: () => stubs };
  }
  const answers = [
    [200, { dispatch: 'sent', providerId: 'run-1', attempt: 1, runs: [{ refusals: 0 }] }],
    [429, { dispatch: 'none', attempt: 1, runs: [{ refusals: 1 }] }],
    [400, { dispatch: 'none', attempt: 2 }],
  ] as const;

  test.for([
    ...answers.map(([status, is]) => ({ status, is, arrives: true, how: 'on its way back' })),
    ...answers.map(([status, is]) => ({ status, is, arrives: false, how: 'on its way there' })),
  ])('$status, $how', async ({ status, is, arrives }) => {
    vi.spyOn(console, 'error').mockReturnValue();
    gpu.script.dispatch = status === 200 ? () => Response.json({ id: 'run-1' }) : answering(status);
    const message = await queued();
    const lost = losingTheSecond(arrives);
    expect(await deliver(message)).toEqual({ acked: ['m0'], retried: [] });
    expect(lost.stubs()).toBe(3);
    expect(gpu.dispatches).toHaveLength(1);
    expect(await inspect(message.job_id)).toMatchObject(is);
  });

  test('and where it stays lost the message comes again, and nothing is sent twice', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const message = await queued();
    const { get } = env.JOB_COORDINATOR;
    const reached = vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementation(() => {
      throw Object.assign(new Error('moved'), { retryable: true });
    });
    reached.mockImplementationOnce((id) => Reflect.apply(get, env.JOB_COORDINATOR, [id]));
    expect(await deliver(message)).toEqual({ acked: [], retried: ['m0'] });
    reached.mockRestore();
    expect(await deliver(message)).toEqual({ acked: ['m0'], retried: [] });
    expect(gpu.dispatches).toHaveLength(1);
  });
});

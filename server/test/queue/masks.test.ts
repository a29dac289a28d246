/** Masks cost half of what a job writes to storage: they are signed for where they were asked for, and nowhere else. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { admin, clientFor, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import {
  CHOICE,
  dispatchOf,
  finish,
  type RunningJob,
  stored,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, jobObject, keysOf, sqlIn } from '../../../proving/world/workerd/objects.ts';
import { deliver, handOver, lastSent, sentFor } from '../../../proving/world/workerd/queue.ts';
import { instancesKey, maskKey } from '../../src/domain/keys.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const executed = async (masks?: boolean | null, count = 1) => {
  const job = await uploadedJob(user, count);
  await user.client.jobs.execute.mutate({ jobId: job.jobId, ...CHOICE, masks: masks as boolean });
  return job;
};
const dispatched = async (masks?: boolean, count = 1): Promise<RunningJob> => {
  const job = await executed(masks, count);
  await deliver(lastSent(job.jobId));
  return { ...job, dispatch: dispatchOf(job.jobId) };
};
const NONE = { masks: false, mask_urls: {}, instances_url: undefined };
const ALL = {
  masks: true,
  mask_urls: Object.fromEntries(
    ['Floor', 'Frame_Molding', 'Glass_highlight', 'Grout'].map((one) => [one, expect.stringContaining('X-Amz-Sig')]),
  ),
  instances_url: expect.stringContaining('X-Amz-Sig'),
};
/** What the GPU worker was told of masks, of the first photo. */
const told = (jobId: string) => {
  const { masks, items } = dispatchOf(jobId);
  const { mask_urls, instances_url } = items[0] ?? {};
  return { masks, mask_urls, instances_url };
};
/** As the release before stored it. */
const age = async (jobId: string) => {
  await sqlIn(jobObject(jobId), "UPDATE job SET state = json_remove(state, '$.masks')");
  await evictDurableObject(jobObject(jobId));
};
const storedMasks = async (jobId: string) =>
  JSON.parse(String((await sqlIn(jobObject(jobId), 'SELECT state FROM job'))[0]?.state)).masks;

describe('a job', () => {
  test.each([
    undefined,
    null,
    false,
  ])('executed with masks %s has none, and nothing is signed for them', async (masks) => {
    const signed = vi.spyOn(TextEncoder.prototype, 'encodeInto');
    const { jobId } = await executed(masks, 3);
    expect(lastSent(jobId).masks).toBe(false);
    await deliver(lastSent(jobId));
    expect(told(jobId)).toEqual(NONE);
    expect(dispatchOf(jobId).items.map((item) => 'instances_url' in item)).toEqual([false, false, false]);
    const isSigned = (folder: string) => signed.mock.calls.some(([text]) => text.includes(`/${folder}/`));
    expect(['outputs', 'masks'].map(isSigned)).toEqual([true, false]);
    expect(await storedMasks(jobId)).toBe(false);
  });

  test('executed with masks has a URL for each concept of each photo, bound to its type, and one for what was found', async () => {
    const { jobId, dispatch } = await dispatched(true, 2);
    expect(told(jobId)).toEqual(ALL);
    for (const { idx, mask_urls, instances_url } of dispatch.items) {
      for (const [concept, url] of Object.entries(mask_urls)) {
        expect(new URL(url).pathname).toBe(`/s3-images/${maskKey({ userId: user.userId, jobId }, idx, concept)}`);
        expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-type;host');
      }
      const key = instancesKey({ userId: user.userId, jobId }, idx);
      expect(new URL(instances_url ?? '').pathname).toBe(`/s3-images/${key}`);
    }
  });

  test('is sent again, after a lease that ended, with what it was executed with', async () => {
    for (const masks of [true, false]) {
      user = await signUp();
      const { jobId } = await dispatched(masks);
      pass(16 * MINUTE);
      await wake(jobObject(jobId));
      await deliver(lastSent(jobId));
      expect([dispatchOf(jobId).attempt, told(jobId)]).toEqual([2, masks ? ALL : NONE]);
    }
  });

  test.each([
    true,
    false,
  ])('executed with masks %s is executed again under the same key with nothing else', async (masks) => {
    const { jobId } = await uploadedJob(user, 1);
    const call = (other: boolean | undefined) =>
      user.client.jobs.execute.mutate({ jobId, ...CHOICE, masks: other, idempotencyKey: 'execute-once' });
    await call(masks);
    expect((await call(masks)).status).toBe('queued');
    for (const other of [undefined, true, false].filter((one) => (one ?? false) !== masks)) {
      expect(await refusalOf(call(other))).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    }
    if (!masks) expect((await call(undefined)).status).toBe('queued');
    expect(sentFor(jobId)).toHaveLength(1);
  });

  test('by a rule has masks where they are asked for with it, and the rule keeps nothing of them', async () => {
    const rule = await user.client.rules.create.mutate({ name: 'Oak', presetId: 'interior', ...CHOICE });
    expect(await refusalOf(user.client.rules.create.mutate({ ...rule, masks: true } as never))).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
    for (const masks of [true, undefined]) {
      const { jobId } = await uploadedJob(user, 1);
      await user.client.jobs.execute.mutate({ jobId, ruleId: rule.id, masks });
      expect(lastSent(jobId).masks).toBe(masks === true);
      await user.client.jobs.cancel.mutate({ jobId });
    }
  });

  test('made from another one asks anew', async () => {
    const { jobId } = await executed(true);
    await user.client.jobs.cancel.mutate({ jobId });
    for (const masks of [undefined, true]) {
      const fork = await user.client.jobs.create.mutate({ from: { jobId } });
      await user.client.jobs.execute.mutate({ jobId: fork.jobId, ...CHOICE, masks });
      expect(lastSent(fork.jobId).masks).toBe(masks === true);
      await user.client.jobs.cancel.mutate({ jobId: fork.jobId });
    }
  });

  test.each([true, false])('executed with masks %s is requeued with them', async (masks) => {
    const { jobId } = await executed(masks);
    await user.client.jobs.cancel.mutate({ jobId });
    const again = await admin().admin.requeue.mutate({ jobId, idempotencyKey: 'again-please' });
    expect(lastSent(again.jobId).masks).toBe(masks);
  });

  test.each([true, false])('executed with masks %s says so in the export, live and from history', async (masks) => {
    const job = await dispatched(masks);
    const asked = async () => (await user.client.user.export.query()).jobs[0]?.masks;
    const wanted = masks ? true : undefined;
    expect(await asked()).toBe(wanted);
    await finish(job, [0]);
    const [row] = await d1('SELECT params_json FROM jobs_log WHERE job_id = ?', job.jobId);
    expect(JSON.parse(String(row?.params_json)).masks).toBe(wanted);
    pass(30 * DAY);
    await wake(jobObject(job.jobId));
    await wake(jobObject(job.jobId));
    user.client = clientFor((await user.client.auth.renew.mutate()).token);
    expect(await asked()).toBe(wanted);
  });

  test('that has ended leaves no mask behind, whether it was asked for or a worker with keys of its own put it there', async () => {
    for (const masks of [true, false]) {
      user = await signUp();
      const job = await dispatched(masks);
      await env.R2.put(maskKey(job, 0, 'Floor'), 'png', stored('image/png'));
      await env.R2.put(instancesKey(job, 0), '{}', stored('application/json'));
      await finish(job, [0]);
      await user.client.jobs.delete.mutate({ jobId: job.jobId });
      pass(DAY);
      await wake(jobObject(job.jobId));
      expect(await keysOf(job.jobId)).toEqual([]);
    }
  });

  test.each(['yes', 1, {}])('cannot be executed with masks %j', async (masks) => {
    const { jobId } = await uploadedJob(user, 1);
    const call = user.client.jobs.execute.mutate({ jobId, ...CHOICE, masks: masks as boolean });
    expect(await refusalOf(call)).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: 'masks' } });
  });
});

describe('over a change of release', () => {
  test('a message of the release before, which says nothing of masks, is dispatched with them as was promised', async () => {
    const { jobId } = await executed(false);
    const { masks: _, ...older } = lastSent(jobId);
    expect((await deliver(older)).acked).toEqual(['m0']);
    expect(told(jobId)).toEqual(ALL);
  });

  test('a job that the release before executed keeps its masks at every attempt', async () => {
    const { jobId } = await dispatched(false);
    await age(jobId);
    pass(16 * MINUTE);
    await wake(jobObject(jobId));
    expect(lastSent(jobId)).toMatchObject({ attempt: 2, masks: true });
    await deliver(lastSent(jobId));
    expect(told(jobId)).toEqual(ALL);
    await user.client.jobs.cancel.mutate({ jobId });
    const again = await admin().admin.requeue.mutate({ jobId, idempotencyKey: 'again-please' });
    expect(lastSent(again.jobId).masks).toBe(true);
  });

  test('an execute that the release before took is answered when it is repeated, whatever it says of masks now', async () => {
    const { jobId } = await uploadedJob(user, 1);
    const call = (masks?: boolean) =>
      user.client.jobs.execute.mutate({ jobId, ...CHOICE, masks, idempotencyKey: 'execute-once' });
    await call();
    await age(jobId);
    for (const masks of [undefined, true, false]) expect((await call(masks)).status).toBe('queued');
    expect(sentFor(jobId)).toHaveLength(1);
  });

  test('a Worker of the release before, which does not say, has masks as it always had', async () => {
    const { jobId } = await uploadedJob(user, 1);
    const call = { userId: user.userId, requestId: 'r' };
    const choice = { concepts: CHOICE.concepts };
    const command = { choice, rule: null, callbackBase: 'https://api.test', idempotencyKey: 'execute-once' };
    for (let time = 0; time < 2; time++) expect((await jobObject(jobId).execute(call, command)).ok).toBe(true);
    expect(lastSent(jobId).masks).toBe(true);
  });

  test('a Worker of the release before may repeat what a Worker of this one has executed', async () => {
    for (const masks of [true, false]) {
      user = await signUp();
      const { jobId } = await uploadedJob(user, 1);
      await user.client.jobs.execute.mutate({ jobId, ...CHOICE, masks, idempotencyKey: 'execute-once' });
      const command = { choice: { concepts: CHOICE.concepts }, rule: null, callbackBase: 'https://api.test' };
      const call = { userId: user.userId, requestId: 'r' };
      const repeated = await jobObject(jobId).execute(call, { ...command, idempotencyKey: 'execute-once' });
      expect([repeated.ok, lastSent(jobId).masks, sentFor(jobId).length]).toEqual([true, masks, 1]);
    }
  });

  test('the choice is stored as the release before compares it', async () => {
    const { jobId } = await executed(true);
    const [row] = await sqlIn(jobObject(jobId), 'SELECT state FROM job');
    expect(Object.keys(JSON.parse(String(row?.state)).choice)).toEqual(['concepts', 'protect', 'outputTemplate']);
  });
});

test('where GPU_MASKS is always, masks are signed for though nobody asked, and the worker is told that they are wanted', async () => {
  const { jobId } = await executed();
  const { explicitAcks } = await handOver('gpu-jobs', [lastSent(jobId)], { ...env, GPU_MASKS: 'always' });
  expect(explicitAcks).toEqual(['m0']);
  expect(told(jobId)).toEqual(ALL);
});

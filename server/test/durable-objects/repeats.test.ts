/**
 * Whoever reaches an object calls again when the answer is lost (rpc/objects.ts). So every method of both objects, found in the code, is
 * called twice with the same arguments here: the second call does no more, and says the same unless it is noted how it differs.
 */
import { env } from 'cloudflare:workers';
import { describe, expect, test, vi } from 'vitest';
import { refusalOf, signUp } from '../../../proving/world/workerd/client.ts';
import { DAY, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { CHOICE, createdJob, doneJob } from '../../../proving/world/workerd/jobs.ts';
import { jobObject, jobRpc, sqlIn, userObject } from '../../../proving/world/workerd/objects.ts';
import { JobCoordinatorDO } from '../../src/durable-objects/job-coordinator/index.ts';
import { UserLimiterDO } from '../../src/durable-objects/user-limiter/index.ts';
import { JOB, USER, user } from './repeated-calls.ts';

const PLATFORM = new Set(['constructor', 'fetch', 'alarm', 'webSocketMessage', 'webSocketClose', 'webSocketError']);
const methodsOf = (object: { prototype: object }): string[] =>
  Object.getOwnPropertyNames(object.prototype).filter((name) => !PLATFORM.has(name));

/** What a user has, as far as he sees it, and what the ceilings count. */
async function seen() {
  const { credits, ruleSlots, activeJobs } = await user.client.user.me.query();
  const rules = await user.client.rules.list.query();
  const { jobs } = await user.client.jobs.list.query();
  const ceilings = await sqlIn(userObject('ceilings'), 'SELECT day, credits, photos FROM day');
  return { credits, ruleSlots, activeJobs, rules, jobs, ceilings };
}

describe.each([
  ['the user object', UserLimiterDO, USER],
  ['the job object', JobCoordinatorDO, JOB],
] as const)('each method of %s', (_, object, cases) => {
  test('stands in the list below', () => {
    expect(methodsOf(object).sort()).toEqual(Object.keys(cases).sort());
  });

  test.each(Object.entries(cases))('%s may be called twice', async (name, { arrange, differs, ends }) => {
    const act = await arrange(user);
    const first = await act();
    if (typeof first === 'object' && first !== null && 'ok' in first) expect(first.ok, name).toBe(true);
    const between = ends ? null : await seen();
    const second = await act();
    if (differs === undefined) expect(second).toEqual(first);
    else differs(first, second);
    expect(ends ? null : await seen()).toEqual(between);
  });
});

test('a rule is found by the key that made it, and not made again once it was deleted', async () => {
  const input = { name: 'oak', presetId: 'interior' as const, concepts: CHOICE.concepts, idempotencyKey: 'rule-once' };
  const rule = await user.client.rules.create.mutate(input);
  expect(await user.client.rules.create.mutate(input)).toEqual(rule);
  expect(await user.client.rules.list.query()).toHaveLength(1);
  const other = { ...input, name: 'birch' };
  await expect(user.client.rules.create.mutate(other)).rejects.toMatchObject({
    data: { errorCode: 'IDEMPOTENCY_CONFLICT', details: { field: 'idempotencyKey' } },
  });
  await user.client.rules.delete.mutate({ id: rule.id });
  await wake(userObject(user.userId));
  await expect(user.client.rules.create.mutate(input)).rejects.toMatchObject({
    data: { errorCode: 'IDEMPOTENCY_CONFLICT' },
  });
});

test('what was deleted by somebody else is not found', async () => {
  const { jobId } = await doneJob(user, 1);
  pass(2 * DAY);
  const stranger = await signUp();
  await user.client.jobs.delete.mutate({ jobId });
  expect(await jobRpc(jobId).remove({ userId: stranger.userId, requestId: 'req_test' })).toMatchObject({
    ok: false,
    refusal: { code: 'JOB_NOT_FOUND' },
  });
  expect(await sqlIn(jobObject(jobId), "SELECT name FROM sqlite_master WHERE name = 'job'")).toEqual([]);
});

test('a job whose object is gone is not deleted while D1 is down, and is when it is asked for again', async () => {
  const owner = await signUp('pro');
  const { jobId } = await createdJob(owner, 1);
  await owner.client.jobs.cancel.mutate({ jobId });
  pass(DAY);
  await wake(jobObject(jobId));
  const down = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
  expect((await refusalOf(owner.client.jobs.delete.mutate({ jobId }))).code).toBe('SERVICE_UNAVAILABLE');
  down.mockRestore();
  expect(await owner.client.jobs.delete.mutate({ jobId })).toEqual({ jobId, deleted: true });
  expect((await refusalOf(owner.client.jobs.get.query({ jobId }))).code).toBe('JOB_NOT_FOUND');
});

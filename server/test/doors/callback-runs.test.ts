/** The run that a callback names: the number in the address that its worker was given, before the one in the body. */
import { beforeEach, describe, expect, test } from 'vitest';
import { NO_RUNS } from '../../../proving/world/gpu.ts';
import { ask, signUp } from '../../../proving/world/workerd/client.ts';
import { MINUTE, pass } from '../../../proving/world/workerd/clock.ts';
import { type Answer, failedItem, type RunningJob, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { inspect } from '../../../proving/world/workerd/objects.ts';

let job: RunningJob;
beforeEach(async () => {
  job = await runningJob(await signUp(), 4);
});

const leaseUntil = async () => (await inspect(job.jobId)).leaseUntil ?? 0;

/** @param named what stands for the run in the address; as it was given to the worker, unless told */
async function reportTo(body: object, named?: string): Promise<{ status: number; body: Answer['body'] }> {
  const { pathname, search } = new URL(job.dispatch.callback_url);
  const address = `${pathname}${named === undefined ? search : `?attempt=${encodeURIComponent(named)}`}`;
  const headers = { authorization: `Bearer ${job.dispatch.callback_token}` };
  const answer = await ask(address, { method: 'POST', body: JSON.stringify(body), headers });
  return { status: answer.status, body: await answer.json<Answer['body']>() };
}

test('a worker that calls the address it was given renews the lease of its run, whatever its body leaves out', async () => {
  const before = await leaseUntil();
  pass(MINUTE);
  expect((await reportTo(failedItem(0))).body.data?.items).toEqual([{ idx: 0, outcome: 'accepted' }]);
  expect(await leaseUntil()).toBe(before + MINUTE);
  pass(MINUTE);
  await reportTo({ items: [failedItem(1), failedItem(2)] });
  expect(await leaseUntil()).toBe(before + 2 * MINUTE);
});

test('the address counts before the body: a result under the number of no run settles its photo, and renews nothing', async () => {
  const before = await leaseUntil();
  pass(MINUTE);
  const { body } = await reportTo({ ...failedItem(0), attempt: 1 }, '2');
  expect(body.data?.items).toEqual([{ idx: 0, outcome: 'accepted' }]);
  expect(await leaseUntil()).toBe(before);
  await reportTo({ ...failedItem(1), attempt: 7 });
  expect(await leaseUntil()).toBe(before + MINUTE);
});

describe('what is the number of no run', () => {
  test.for(NO_RUNS)('%j refuses the body as a whole', async (named) => {
    expect(await reportTo({ ...failedItem(0), attempt: 1 }, named)).toMatchObject({
      status: 400,
      body: { error: { code: 'VALIDATION_ERROR', details: { field: 'attempt' } } },
    });
    expect(await inspect(job.jobId)).toMatchObject({ done: 0, failed: 0 });
  });
});

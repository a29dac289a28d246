/** Calls that are allowed and change nothing, over and over: what they write is bounded by time, and not by how often they are made. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import { CHOICE, createdJob, photos, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import { userObject } from '../../../proving/world/workerd/objects.ts';
import { countRows } from '../../../proving/world/workerd/rows.ts';
import { ceilingsOf } from '../../src/durable-objects/user-limiter/outside.ts';

const MINUTES = 3;

let user: User;
let days = 0;
beforeEach(async () => {
  // The ceiling of a day is shared by all tests.
  days += 40;
  pass(days * DAY);
  user = await signUp();
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(console, 'error').mockReturnValue();
});

/** Measures the rows a minute that are written while a call is made each second. */
async function meter(): Promise<(call: () => Promise<unknown>) => Promise<number>> {
  await wake(userObject(user.userId));
  const rows = await countRows(user);
  return async (call) => {
    const before = rows.objects();
    for (let at = 0; at < MINUTES * MINUTE; at += SECOND) {
      await call();
      pass(SECOND);
    }
    return (rows.objects() - before) / MINUTES;
  };
}

test('upload URLs that are asked for again write once a minute, and are good for fourteen at least', async () => {
  const { jobId } = await createdJob(user, 2);
  let shortest = Number.POSITIVE_INFINITY;
  const rowsOf = await meter();
  const rows = await rowsOf(async () => {
    const { uploads } = await user.client.jobs.renewUploads.mutate({ jobId, indexes: [0, 1] });
    shortest = Math.min(shortest, ...uploads.map(({ expiresAt }) => expiresAt.getTime() - Date.now()));
  });
  expect(rows).toBeLessThanOrEqual(1);
  expect(shortest).toBeGreaterThanOrEqual(14 * MINUTE);
});

test('a create that comes again writes once a minute', async () => {
  const create = () =>
    user.client.jobs.create.mutate({ preset: 'interior', photos: photos(2), idempotencyKey: 'the-same-key' });
  await create();
  const rowsOf = await meter();
  expect(await rowsOf(create)).toBeLessThanOrEqual(1);
});

test('a job that the ceiling has no room for is asked about a few times a minute, however often it is executed', async () => {
  const { jobId } = await uploadedJob(user, 2);
  await ceilingsOf(env).claimDispatch({ jobId: 'the-others', photos: 1_000_000_000 });
  const execute = () => user.client.jobs.execute.mutate({ jobId, ...CHOICE, idempotencyKey: 'execute-once' });
  const rowsOf = await meter();
  const rows = await rowsOf(async () => expect((await refusalOf(execute())).code).toBe('CEILING_REACHED'));
  expect(rows).toBeLessThanOrEqual(12);
  const day = Math.floor(Date.now() / DAY);
  await ceilingsOf(env).lowerDispatch([{ jobId: 'the-others', day, reached: 0 }]);
  pass(10 * SECOND);
  expect((await execute()).status).toBe('queued');
});

test('a smaller job is not kept waiting by a larger one that there was no room for', async () => {
  await ceilingsOf(env).claimDispatch({ jobId: 'the-others', photos: 999_999_998 });
  const large = await uploadedJob(user, 3);
  const execute = (jobId: string) => user.client.jobs.execute.mutate({ jobId, ...CHOICE });
  expect((await refusalOf(execute(large.jobId))).code).toBe('CEILING_REACHED');
  await user.client.jobs.cancel.mutate({ jobId: large.jobId });
  expect((await execute((await uploadedJob(user, 2)).jobId)).status).toBe('queued');
});

test('what was confirmed, executed, canceled or deleted before is not written again', async () => {
  const { jobId } = await uploadedJob(user, 1);
  const confirm = () => user.client.jobs.confirmUpload.mutate({ jobId });
  const execute = () => user.client.jobs.execute.mutate({ jobId, ...CHOICE, idempotencyKey: 'execute-once' });
  const cancel = () => user.client.jobs.cancel.mutate({ jobId, idempotencyKey: 'cancel-once' });
  const remove = () => user.client.jobs.delete.mutate({ jobId });
  const rowsOf = await meter();
  expect(await rowsOf(confirm)).toBe(0);
  for (const call of [execute, cancel, remove]) {
    await call();
    expect(await rowsOf(call)).toBe(0);
  }
}, 30_000);

/** A hold is freed only by its job's object: what happens when a create stops half way. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { HOUR, MINUTE, pass, SECOND, wake } from '../../../proving/world/workerd/clock.ts';
import { createdJob, finish, PHOTO, photos, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { jobObject, jobRpc, sqlIn, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';

const CHECK = 2 * MINUTE;
let user: User;
beforeEach(async () => {
  user = await signUp();
  // The alarm that looks after the sign-up's rows: what is armed after this is armed for the hold.
  await wake(userObject(user.userId));
});

/** Reserves as the first step of a create does, and goes no further. */
async function reserved(key = 'half-a-create'): Promise<string> {
  const jobId = env.JOB_COORDINATOR.idFromName(`${user.userId}:${key}`).toString();
  const reply = await userRpc(user.userId).reserve(null, { jobId, preset: 'interior', amount: 2 });
  expect(reply).toMatchObject({ ok: true, value: { settled: false } });
  return jobId;
}
const createAt = (jobId: string) =>
  jobRpc(jobId).create({ userId: user.userId, preset: 'interior', photos: photos(2), source: null });
const checkTime = async () => {
  pass(CHECK + SECOND);
  expect(await wake(userObject(user.userId))).toBe(true);
};

describe('a reservation whose job never came to be', () => {
  test('is freed at its check time and not before, and leaves a tombstone that refuses a later create', async () => {
    const jobId = await reserved();
    pass(CHECK - SECOND);
    await wake(userObject(user.userId));
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
    await checkTime();
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
    expect((await user.client.user.me.query()).activeJobs).toBe(0);
    expect(await createAt(jobId)).toMatchObject({ ok: false, refusal: { code: 'ALREADY_CANCELED' } });
    await evictDurableObject(jobObject(jobId));
    expect(await createAt(jobId)).toMatchObject({ ok: false, refusal: { code: 'ALREADY_CANCELED' } });
    expect(await jobRpc(jobId).inspect()).toBeNull();
  });

  test('cannot be created by a repeat of the call after that; a new key can', async () => {
    await reserved('half-a-create');
    await checkTime();
    const create = (idempotencyKey: string) =>
      user.client.jobs.create.mutate({ preset: 'interior', photos: photos(2), idempotencyKey });
    expect((await refusalOf(create('half-a-create'))).code).toBe('IDEMPOTENCY_CONFLICT');
    expect((await create('another-create')).status).toBe('created');
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
  });

  test('is freed although the user object was evicted in between', async () => {
    await reserved();
    await evictDurableObject(userObject(user.userId));
    await checkTime();
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('is not shown as a job', async () => {
    await reserved();
    expect((await user.client.jobs.list.query()).jobs).toEqual([]);
  });
});

describe('a hold whose job lives', () => {
  test('stays, check after check, and the job goes on', async () => {
    const job = await runningJob(user, 2);
    for (let check = 0; check < 3; check++) {
      await checkTime();
      expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
      pass(HOUR);
    }
    expect((await finish(job, [0, 1])).body.data?.status).toBe('done');
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });

  test('stays when its job cannot be asked, and is asked again later', async () => {
    await reserved();
    const deaf = { abandon: () => Promise.reject(new Error('unreachable')) };
    const unreachable = vi.spyOn(env.JOB_COORDINATOR, 'get').mockReturnValue(deaf as never);
    await checkTime();
    expect(unreachable).toHaveBeenCalled();
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
    unreachable.mockRestore();
    await checkTime();
    expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  });

  test('stays when its job has ended and has yet to settle, and the job frees it', async () => {
    const job = await runningJob(user, 2);
    const cut = vi.spyOn(env.USER_LIMITER, 'get').mockImplementation(() => {
      throw new Error('unreachable');
    });
    await finish(job, [0]);
    await finish(job, [1]);
    cut.mockRestore();
    await checkTime();
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 2, spent: 0 });
    pass(HOUR);
    await wake(jobObject(job.jobId));
    expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  });
});

test('a create that its job refuses for certain gives the credits back at once', async () => {
  const jobId = env.JOB_COORDINATOR.idFromName(`${user.userId}:doomed-create`).toString();
  await jobRpc(jobId).abandon();
  const create = user.client.jobs.create.mutate({
    preset: 'interior',
    photos: [PHOTO],
    idempotencyKey: 'doomed-create',
  });
  expect((await refusalOf(create)).code).toBe('ALREADY_CANCELED');
  expect(await creditsOf(user)).toEqual({ balance: 10, held: 0, spent: 0 });
  expect((await user.client.user.me.query()).activeJobs).toBe(0);
});

test('looking at an object for which nothing was created writes nothing', async () => {
  const jobId = env.JOB_COORDINATOR.idFromName('nobody:looked-at').toString();
  expect(await jobRpc(jobId).inspect()).toBeNull();
  expect(await jobRpc(jobId).get({ userId: user.userId, requestId: 'test' })).toMatchObject({ ok: true, value: null });
  expect(await sqlIn(jobObject(jobId), "SELECT name FROM sqlite_master WHERE name IN ('job', 'event')")).toEqual([]);
  expect(await sqlIn(userObject('usr_looked_at'), "SELECT name FROM sqlite_master WHERE name = 'account'")).toEqual([]);
});

test("another user's create never touches a job: it is not found for them", async () => {
  const { jobId } = await createdJob(user, 2);
  const stranger = await signUp();
  const command = { userId: stranger.userId, preset: 'interior' as const, photos: photos(2), source: null };
  expect(await jobRpc(jobId).create(command)).toMatchObject({ ok: false, refusal: { code: 'JOB_NOT_FOUND' } });
  expect((await user.client.jobs.get.query({ jobId })).status).toBe('created');
});

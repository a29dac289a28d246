/** A user who is deleted goes with everything he has, and stays gone; nobody else loses anything. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { admin, clientFor, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, HOUR, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { gpu } from '../../../proving/world/workerd/gpu.ts';
import {
  CHOICE,
  createdJob,
  doneJob,
  putInputs,
  putResult,
  range,
  report,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, jobObject, keysOf, sqlIn, tellD1, userObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import { inputKey } from '../../src/domain/keys.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

const TABLES = ['users', 'rules', 'jobs_log', 'billing_events'] as const;
const idColumn = (table: string) => (table === 'users' ? 'id' : 'user_id');
/** What D1 has of a user: rows by table, those of no rows left out. */
async function rowsOf(userId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of TABLES) {
    const [row] = await d1(`SELECT count(*) AS n FROM ${table} WHERE ${idColumn(table)} = ?`, userId);
    if (row?.n !== 0) counts[table] = Number(row?.n);
  }
  const items = 'SELECT count(*) AS n FROM job_items_log WHERE job_id NOT IN (SELECT job_id FROM jobs_log)';
  const [orphans] = await d1(items);
  if (orphans?.n !== 0) counts.orphans = Number(orphans?.n);
  return counts;
}
const tables = (stub: DurableObjectStub) =>
  sqlIn(stub, "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('job', 'event', 'account')");
const wakeUser = () => wake(userObject(user.userId));

async function aFullLife() {
  const done = await doneJob(user, 2);
  const running = await runningJob(user, 2);
  const created = await createdJob(user, 2);
  await putInputs(created, [0]);
  await user.client.rules.create.mutate({ name: 'Mine', presetId: 'interior', ...CHOICE });
  await tellD1(user);
  return { done, running, created };
}

test('everything of the user is gone once the last URL has ended: photos, jobs, rules, receipts, credits', async () => {
  const { done, running, created } = await aFullLife();
  expect(Object.keys(await rowsOf(user.userId))).toEqual([...TABLES]);
  const deleted = await user.client.user.delete.mutate();
  expect(deleted).toMatchObject({ userId: user.userId, done: false });
  expect(await rowsOf(user.userId)).toEqual({});
  expect(gpu.canceled).toEqual([`run-${running.jobId.slice(0, 8)}-1`]);
  pass(deleted.goneBy.getTime() - Date.now() + 1);
  for (const { jobId } of [done, running, created]) await wake(jobObject(jobId));
  await wakeUser();
  expect(await keysOf(user.userId)).toEqual([]);
  expect(await rowsOf(user.userId)).toEqual({});
  expect(await admin().admin.deleteUser.mutate({ userId: user.userId })).toMatchObject({ done: true });
});

test('every token of the user ends at once, a new one cannot be had, and another delete answers the same', async () => {
  const other = await user.client.auth.renew.mutate();
  pass(1);
  const first = await user.client.user.delete.mutate();
  for (const token of [user.token, other.token]) {
    const client = clientFor(token);
    for (const call of [
      () => client.user.me.query(),
      () => client.jobs.list.query(),
      () => client.rules.list.query(),
      () => client.auth.renew.mutate(),
      () => client.auth.revoke.mutate(),
      () => client.rules.create.mutate({ name: 'Again', presetId: 'interior', ...CHOICE }),
      () => client.jobs.create.mutate({ preset: 'interior', photos: [{ contentType: 'image/jpeg', bytes: 4 }] }),
    ]) {
      expect((await refusalOf(call())).code).toBe('TOKEN_INVALID');
    }
    expect(await client.user.delete.mutate()).toEqual(first);
  }
  expect(await rowsOf(user.userId)).toEqual({});
});

test('a photo that is put under a URL from before, and a result that comes late, are gone in the end', async () => {
  const { created, running } = await aFullLife();
  const { goneBy } = await user.client.user.delete.mutate();
  await putInputs(created, [1]);
  await putResult(running, 0);
  expect((await report(running, { idx: 0, status: 'done' })).status).toBe(200);
  pass(goneBy.getTime() - Date.now() + 1);
  await wakeUser();
  expect(await keysOf(user.userId)).toEqual([]);
  expect(await rowsOf(user.userId)).toEqual({});
});

test('what does not answer is asked again by the alarm, and nothing is said to be gone before it is', async () => {
  const { created } = await aFullLife();
  const down = vi.spyOn(env.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: down'));
  const { goneBy, done } = await user.client.user.delete.mutate();
  expect(done).toBe(false);
  pass(goneBy.getTime() - Date.now() + 1);
  await wakeUser();
  down.mockRestore();
  const refusing = vi.spyOn(env.R2, 'delete').mockRejectedValue(new Error('R2 is down'));
  await wakeUser();
  expect(await rowsOf(user.userId)).toEqual({});
  expect(await admin().admin.deleteUser.mutate({ userId: user.userId })).toMatchObject({ done: false });
  refusing.mockRestore();
  pass(HOUR);
  await wakeUser();
  expect(await admin().admin.deleteUser.mutate({ userId: user.userId })).toMatchObject({ done: true });
  expect(await env.R2.head(inputKey(created, 0))).toBeNull();
});

test('a job that was on its way to be created when its user was deleted never comes to be', async () => {
  const jobId = env.JOB_COORDINATOR.idFromName(`${user.userId}:late`).toString();
  const stub = jobObject(jobId);
  await userRpc(user.userId).reserve(null, { jobId, preset: 'interior', amount: 1 });
  await user.client.user.delete.mutate();
  const photos = [{ contentType: 'image/jpeg' as const, bytes: 4 }];
  const created = await stub.create({ userId: user.userId, preset: 'interior', photos, source: null });
  expect(created.ok).toBe(false);
});

test('a long history goes as a whole', { timeout: 30_000 }, async () => {
  const ids = range(260).map((n) => env.JOB_COORDINATOR.idFromName(`${user.userId}:old-${n}`).toString());
  const settled = 'INSERT INTO receipt SELECT value, 1, ?, 0, 0, 1, ? FROM json_each(?)';
  await sqlIn(
    userObject(user.userId),
    settled,
    'interior',
    '{"status":"done","done":1,"failed":0}',
    JSON.stringify(ids),
  );
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO jobs_log (job_id, user_id, status, preset, created_at) SELECT value, ?, 'done', 'interior', key FROM json_each(?)",
    ).bind(user.userId, JSON.stringify(ids)),
    env.DB.prepare("INSERT INTO job_items_log (job_id, idx, status) SELECT value, 0, 'done' FROM json_each(?)").bind(
      JSON.stringify(ids),
    ),
  ]);
  const { goneBy } = await user.client.user.delete.mutate();
  pass(MINUTE);
  await wakeUser();
  pass(goneBy.getTime() - Date.now() + 1);
  await wakeUser();
  expect(await rowsOf(user.userId)).toEqual({});
  expect(await admin().admin.deleteUser.mutate({ userId: user.userId })).toMatchObject({ done: true });
});

test('others keep what they have', async () => {
  const stranger = await signUp('pro');
  const theirs = await uploadedJob(stranger, 2);
  await tellD1(stranger);
  await aFullLife();
  const { goneBy } = await user.client.user.delete.mutate();
  pass(goneBy.getTime() - Date.now() + 1);
  await wakeUser();
  expect((await stranger.client.jobs.get.query({ jobId: theirs.jobId })).status).toBe('uploaded');
  expect(await keysOf(theirs.jobId)).toHaveLength(2);
  expect(Object.keys(await rowsOf(stranger.userId))).toEqual(['users', 'billing_events']);
});

test('when no token can be shown any more, nothing is left of the object either', async () => {
  await createdJob(user);
  const { goneBy } = await user.client.user.delete.mutate();
  pass(goneBy.getTime() - Date.now() + 1);
  await wakeUser();
  expect(await tables(userObject(user.userId))).toEqual([{ name: 'account' }]);
  pass(61 * DAY);
  await wakeUser();
  expect(await tables(userObject(user.userId))).toEqual([]);
  expect(await wakeUser()).toBe(false);
});

test('an operator deletes a user as well, and is told of one who never was', async () => {
  await createdJob(user);
  const { userId } = user;
  await admin().admin.deleteUser.mutate({ userId });
  expect((await refusalOf(user.client.user.me.query())).code).toBe('TOKEN_INVALID');
  expect((await refusalOf(admin().admin.setPlan.mutate({ userId, plan: 'free' }))).code).toBe('NOT_FOUND');
  expect((await refusalOf(admin().admin.deleteUser.mutate({ userId: 'usr_nobody' }))).code).toBe('NOT_FOUND');
});

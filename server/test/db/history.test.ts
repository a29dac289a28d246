/** D1 statements that only go forward: history is written once, and an older point of the ledger never overwrites a newer one. */
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { admin, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { pass, SECOND } from '../../../proving/world/workerd/clock.ts';
import { doneJob, failedItem, finish, report, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { d1, jobObject, jobRpc, tellD1 } from '../../../proving/world/workerd/objects.ts';
import { insertGrant, upsertRule, upsertUser } from '../../src/db/accounts.ts';
import { flushJob } from '../../src/db/job-history.ts';
import { JobStore } from '../../src/durable-objects/job-coordinator/store.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
  await tellD1(user);
});

test('an older version of a user changes nothing; the same one is written again, and a newer one is taken', async () => {
  const row = { id: 'usr_forward', plan: 'free', credits: 10, deviceHash: null, createdAt: 1, version: 5 };
  const write = (change: Partial<typeof row>) => upsertUser(env.DB, { ...row, ...change }).run();
  const shown = () => d1('SELECT plan, credits, version FROM users WHERE id = ?', row.id);
  await write({});
  await write({ credits: 99, plan: 'pro', version: 4 });
  expect(await shown()).toEqual([{ plan: 'free', credits: 10, version: 5 }]);
  // A settled job moves D1 to a version whose plan it does not know.
  await write({ plan: 'pro' });
  expect(await shown()).toEqual([{ plan: 'pro', credits: 10, version: 5 }]);
  await write({ credits: 7, version: 6 });
  expect(await shown()).toEqual([{ plan: 'free', credits: 7, version: 6 }]);
});

test('a late write cannot bring back a rule that was deleted', async () => {
  const row = {
    id: 'rul_forward',
    userId: user.userId,
    name: 'R',
    presetId: 'interior',
    conceptsJson: '{}',
    protectJson: '[]',
    createdAt: 1,
    updatedAt: 1,
    deletedAt: null as number | null,
    version: 1,
  };
  await upsertRule(env.DB, row).run();
  await upsertRule(env.DB, { ...row, deletedAt: 9, version: 3 }).run();
  await upsertRule(env.DB, { ...row, name: 'Late', version: 2 }).run();
  expect(await d1('SELECT name, deleted_at FROM rules WHERE id = ?', row.id)).toEqual([{ name: 'R', deleted_at: 9 }]);
});

test('the same grant is written once', async () => {
  const grant = { id: 'grant:x', userId: user.userId, amount: 5, reason: 'x', createdAt: 1 };
  await insertGrant(env.DB, grant).run();
  await insertGrant(env.DB, { ...grant, amount: 50 }).run();
  expect(await d1('SELECT amount FROM billing_events WHERE id = ?', grant.id)).toEqual([{ amount: 5 }]);
});

test('history that is written again changes no row', async () => {
  const job = await runningJob(user, 3);
  await report(job, failedItem(1));
  await finish(job, [0, 2]);
  const rows = async () => [
    await d1('SELECT * FROM jobs_log WHERE job_id = ?', job.jobId),
    await d1('SELECT * FROM job_items_log WHERE job_id = ? ORDER BY idx', job.jobId),
    await d1('SELECT * FROM billing_events WHERE user_id = ? ORDER BY id', user.userId),
    await d1('SELECT * FROM users WHERE id = ?', user.userId),
  ];
  const before = await rows();
  expect(await jobRpc(job.jobId).project()).toBe(true);
  expect(await rows()).toEqual(before);
});

test('a charge that reaches D1 late does not turn the credits back', async () => {
  const { jobId } = await doneJob(user, 2);
  const stored = await runInDurableObject(jobObject(jobId), (_, { storage }) => new JobStore(storage).load());
  if (stored.kind !== 'job') throw new Error('the job is gone');
  const shown = () => d1('SELECT credits, version FROM users WHERE id = ?', user.userId);
  const [before] = await shown();
  const version = Number(before?.version);
  await flushJob(env.DB, stored.job, new Map(), { credits: 10, version: version - 1 });
  expect(await shown()).toEqual([before]);
  await flushJob(env.DB, stored.job, new Map(), { credits: 5, version: version + 1 });
  expect(await shown()).toEqual([{ credits: 5, version: version + 1 }]);
});

test('reconcile has history that D1 lost written again by the job', async () => {
  const { jobId } = await doneJob(user, 2);
  await env.DB.prepare('DELETE FROM jobs_log WHERE job_id = ?').bind(jobId).run();
  const { differences } = await admin().admin.reconcile.mutate({ userId: user.userId });
  expect(differences).toMatchObject([{ field: `job ${jobId}`, object: '2', d1: 'absent', repaired: true }]);
  expect(await d1('SELECT status, done FROM jobs_log WHERE job_id = ?', jobId)).toEqual([{ status: 'done', done: 2 }]);
});

test('receipts come newest first, page by page, none left out and none twice', async () => {
  for (let job = 0; job < 4; job++) {
    pass(SECOND);
    await doneJob(user, job === 3 ? 2 : 1);
  }
  const amounts: number[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await user.client.user.ledger.query({ limit: 2, cursor });
    amounts.push(...page.receipts.map(({ amount }) => amount));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  expect(amounts).toEqual([-2, -1, -1, -1, 10]);
});

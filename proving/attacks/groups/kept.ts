/** What is kept, and for how long: calls that are allowed, repeated to fill what others share. */

import { at, type Reply } from '../../world/bundle/http.ts';
import { CHOICE, PHOTO } from '../../world/bundle/jobs.ts';
import { data, text, type World } from '../../world/bundle/world.ts';
import { SECOND, until as untilSo } from '../../world/clock.ts';
import { answers, Breach, Group, must } from '../attack.ts';

export const kept = new Group('kept');

/** Characters of all that the worker's words may come to in a job's object. */
const FEW_KILOBYTES = 8 * 1024;

const photos = (count: number) => ({
  preset: 'interior',
  photos: Array.from({ length: count }, () => ({ contentType: 'image/jpeg', bytes: PHOTO.length })),
});

async function storageOf(world: World, jobId: string) {
  return world.production.objectStorage('JOB_COORDINATOR', { id: jobId });
}

/** How many rows the job's log has, and of how many characters. */
async function logOf(world: World, jobId: string): Promise<{ rows: number; size: number }> {
  const storage = await storageOf(world, jobId);
  const [row] = await storage.exec('SELECT count(*) AS rows, coalesce(sum(length(body)), 0) AS size FROM event');
  return { rows: Number(row?.rows), size: Number(row?.size) };
}

const until = (what: string, isSo: () => Promise<boolean>): Promise<void> =>
  untilSo(isSo, what, { patience: 15 * SECOND, pause: 50 }, () => new Breach(what));

async function isEmpty(world: World, jobId: string): Promise<boolean> {
  const storage = await storageOf(world, jobId);
  return (await storage.exec("SELECT 1 FROM sqlite_master WHERE name = 'job'")).length === 0;
}

async function count(world: World, query: string, ...values: string[]): Promise<number> {
  const db = await world.production.mf.getD1Database('DB');
  const row = await db
    .prepare(query)
    .bind(...values)
    .first<{ n: number }>();
  return Number(row?.n);
}

kept.staged(
  'jobs that are made and called off, one after the other: a row each in D1, and empty objects',
  answers(200),
  async (world) => {
    const { token, userId } = await world.signUp();
    return async () => {
      const replies: Reply[] = [];
      const jobIds: string[] = [];
      for (let n = 0; n < 8; n++) {
        const jobId = text(data(await world.mutate('jobs.create', photos(10), { token })), 'jobId');
        replies.push(await world.mutate('jobs.cancel', { jobId }, { token }));
        jobIds.push(jobId);
      }
      for (const jobId of jobIds) await until('the object is not emptied', () => isEmpty(world, jobId));
      const jobs = await count(world, 'SELECT count(*) AS n FROM jobs_log WHERE user_id = ?', userId);
      const items =
        'SELECT count(*) AS n FROM job_items_log WHERE job_id IN (SELECT job_id FROM jobs_log WHERE user_id = ?)';
      must(jobs === 8 && (await count(world, items, userId)) === 0, `${jobs} jobs, and rows of their photos`);
      return replies;
    };
  },
  { world: 'short', changes: [/^user\//, /^object\//, /^d1\/(?:users|billing_events)\//, /^d1\/jobs_log\//] },
);

kept.staged(
  'late results by the thousand, each with other words',
  answers(200),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.running(owner, 10);
    data(await world.mutate('jobs.cancel', { jobId: job.jobId }, { token: owner.token }));
    const before = await logOf(world, job.jobId);
    return async () => {
      const replies: Reply[] = [];
      for (let n = 0; n < 100; n++) {
        const words = `${n} ${'w'.repeat(490)}`;
        const items = Array.from({ length: 10 }, (_, idx) => ({
          idx,
          status: n % 2 ? 'failed' : 'done',
          error: words,
        }));
        replies.push(await world.jobs.report(job, { items }));
      }
      const { rows, size } = await logOf(world, job.jobId);
      must(rows - before.rows <= 1, `${rows - before.rows} rows more`);
      must(size - before.size < FEW_KILOBYTES, `${size - before.size} characters more`);
      return replies;
    };
  },
  { changes: [/^job\/.*\/event\//] },
);

kept.staged(
  'signed results by the hundred before the job is executed, and all of them again when it is',
  answers([200, 429], [null, 'RATE_LIMITED']),
  async (world) => {
    const owner = await world.signUp();
    const job = await world.jobs.uploaded(owner, 2);
    const body = JSON.stringify({ job_id: job.jobId, idx: 0, status: 'failed' });
    const key = world.setting('GPU_CALLBACK_SECRET');
    const send = (n: number) => world.jobs.reportSigned(job.jobId, body, { key, id: `msg_${'x'.repeat(240)}${n}` });
    const early = Array.from({ length: 100 }, (_, n) => n);
    return async () => {
      const replies: Reply[] = [];
      for (const n of early) replies.push(await send(n));
      const { rows, size } = await logOf(world, job.jobId);
      must(rows <= 20 && size < FEW_KILOBYTES, `${rows} rows of ${size} characters`);
      await world.jobs.execute(job);
      await world.jobs.dispatched(job);
      for (const n of early) replies.push(await send(n));
      const view = data(await world.query('jobs.get', { jobId: job.jobId }, { token: owner.token }));
      must(at(view, 'progress', 'failed') === 0, 'a callback of before the execution counted');
      return replies;
    };
  },
  { changes: [/^job\//, /^gpu\/dispatches/, /^d1\//, /^user\//] },
);

kept.staged(
  'photos of a deleted job held by jobs that were made from it and called off',
  answers(200),
  async (world) => {
    const owner = await world.signUpPro();
    const { token } = owner;
    const job = await world.jobs.done(owner, 2);
    return async () => {
      for (let n = 0; n < 5; n++) {
        const jobId = text(data(await world.mutate('jobs.create', { from: { jobId: job.jobId } }, { token })), 'jobId');
        data(await world.mutate('jobs.cancel', { jobId }, { token }));
      }
      const reply = await world.mutate('jobs.delete', { jobId: job.jobId }, { token });
      const bucket = await world.production.mf.getR2Bucket('R2');
      await until('the photos are still there', async () => {
        const { objects } = await bucket.list({ prefix: `inputs/${owner.userId}/` });
        return objects.length === 0;
      });
      return reply;
    };
  },
  { world: 'short', changes: [/^job\//, /^user\//, /^object\//, /^d1\//, /^r2\//] },
);

kept.staged(
  'a key that was used, for a job whose source is gone: no second job',
  answers([200, 409], [null, 'IDEMPOTENCY_CONFLICT']),
  async (world) => {
    const owner = await world.signUpPro();
    const { token } = owner;
    const job = await world.jobs.done(owner, 2);
    const input = { from: { jobId: job.jobId, indexes: [0] }, idempotencyKey: 'kept-used-once' };
    const first = text(data(await world.mutate('jobs.create', input, { token })), 'jobId');
    data(await world.mutate('jobs.execute', { jobId: first, ...CHOICE }, { token }));
    await world.gpu.dispatchOf(first);
    data(await world.mutate('jobs.delete', { jobId: job.jobId }, { token }));
    return async () => {
      const again = await world.mutate('jobs.create', input, { token });
      const jobId = at(again.json, 'result', 'data', 'json', 'jobId');
      must(jobId === first, `it is another job, or none: ${again.body.slice(0, 300)}`);
      const other = { ...input, from: { jobId: job.jobId, indexes: [1] } };
      const second = await world.mutate('jobs.create', other, { token });
      must(second.status === 409, `other photos under the key answered ${second.status}`);
      return [again, second];
    };
  },
  { changes: [/^job\//, /^object\/job\//] },
);

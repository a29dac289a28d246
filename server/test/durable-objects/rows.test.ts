/** Rows that a 30-photo job of a known user writes, run by run, counted at SQLite's own door: what the platform bills. */
import { beforeEach, expect, test } from 'vitest';
import { admin, signUp, type User } from '../../../proving/world/workerd/client.ts';
import {
  CHOICE,
  dispatchOf,
  doneItem,
  photos,
  putInputs,
  putResults,
  range,
  report,
} from '../../../proving/world/workerd/jobs.ts';
import { deliver, lastSent, sentFor } from '../../../proving/world/workerd/queue.ts';
import { countRows } from '../../../proving/world/workerd/rows.ts';
import { Watcher } from '../../../proving/world/workerd/watch.ts';

const PHOTOS = 30;
const RUNS = 4;

let user: User;
beforeEach(async () => {
  user = await signUp();
  await admin().admin.setPlan.mutate({ userId: user.userId, plan: 'pro' });
});

async function wholeJob(perCallback: number, watched: boolean): Promise<void> {
  const { client, userId } = user;
  const { jobId } = await client.jobs.create.mutate({ preset: 'interior', photos: photos(PHOTOS) });
  const job = { userId, jobId, photos: PHOTOS };
  await putInputs(job, range(PHOTOS));
  await client.jobs.confirmUpload.mutate({ jobId });
  await client.jobs.execute.mutate({ jobId, ...CHOICE });
  if (watched) await Watcher.of(user, jobId);
  await putResults(job, range(PHOTOS));
  for (let run = 1; sentFor(jobId).length === run; run++) {
    await deliver(lastSent(jobId));
    const running = { ...job, dispatch: dispatchOf(jobId) };
    const indexes = running.dispatch.items.map(({ idx }) => idx);
    for (let at = 0; at < indexes.length; at += perCallback) {
      const items = indexes.slice(at, at + perCallback).map((idx) => doneItem(job, idx, run));
      await report(running, { items });
    }
  }
  expect(sentFor(jobId)).toHaveLength(RUNS);
  expect((await client.jobs.get.query({ jobId })).status).toBe('done');
}

test.for([
  ['a callback per photo', 1, 68, false],
  ['callbacks of ten', 10, 42, false],
  ['callbacks of ten, and a watcher', 10, 42, true],
] as const)('a job of 30 photos with %s stays within its rows', async ([, perCallback, limit, watched]) => {
  const rows = await countRows(user);
  await wholeJob(perCallback, watched);
  expect(rows.objects()).toBeGreaterThan(PHOTOS / perCallback);
  expect(rows.objects()).toBeLessThanOrEqual(limit);
  expect(rows.d1()).toBeGreaterThan(PHOTOS);
  expect(rows.d1()).toBeLessThanOrEqual(36);
  console.log(`${perCallback} a callback: ${rows.objects()} object rows, ${rows.d1()} rows in D1`);
});

/** What a user takes along: everything that is kept of him, and nothing of anybody else. */
import { beforeEach, expect, test } from 'vitest';
import { clientFor, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { CHOICE, createdJob, doneJob, uploadedJob } from '../../../proving/world/workerd/jobs.ts';
import { jobObject, userRpc } from '../../../proving/world/workerd/objects.ts';
import type { ExportPage } from '../../src/contract/export.ts';
import { inputKey, outputKey } from '../../src/domain/keys.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

async function exportOf(client: User['client']): Promise<ExportPage[]> {
  const pages: ExportPage[] = [];
  for (let cursor: string | null | undefined; cursor !== null && pages.length < 20; ) {
    const page: ExportPage = await client.user.export.query(cursor === undefined ? undefined : { cursor });
    pages.push(page);
    cursor = page.nextCursor;
  }
  return pages;
}
const pathOf = (url: string | undefined) => new URL(url ?? 'none:').pathname;

test('account, rules, jobs with what was asked, photos, results and receipts are all there', async () => {
  const done = await doneJob(user, 2);
  pass(MINUTE);
  const uploaded = await uploadedJob(user, 1);
  pass(MINUTE);
  const created = await createdJob(user, 1);
  const rule = await user.client.rules.create.mutate({ name: 'Mine', presetId: 'interior', ...CHOICE });
  const pages = await exportOf(user.client);
  expect(pages[0]?.user).toMatchObject({
    userId: user.userId,
    plan: 'pro',
    credits: { granted: 210, spent: 2, held: 2 },
  });
  expect(pages.flatMap(({ rules }) => rules)).toEqual([rule]);
  const jobs = pages.flatMap((page) => page.jobs);
  expect(jobs.map(({ jobId }) => jobId)).toEqual([created.jobId, uploaded.jobId, done.jobId]);
  const [first, second, third] = jobs;
  expect(third).toMatchObject({
    status: 'done',
    charged: 2,
    concepts: { Floor: { action: 'recolor', value: '#C8A27A' } },
  });
  expect(pathOf(third?.photos[1]?.inputUrl)).toContain(inputKey(done, 1));
  expect(pathOf(third?.photos[1]?.resultUrl)).toContain(outputKey(done, 1));
  expect(second?.photos[0]?.inputUrl).toBeDefined();
  expect(first?.photos[0]).toEqual({ idx: 0, status: 'pending' });
  const receipts = pages.flatMap((page) => page.receipts);
  expect(receipts.map(({ amount }) => amount).sort((a, b) => a - b)).toEqual([-2, 10, 200]);
  expect(pages.slice(1).map((page) => page.user)).toEqual(pages.slice(1).map(() => null));
});

test('a job whose object is gone is told from history, without URLs', async () => {
  const { jobId } = await doneJob(user, 1);
  for (const days of [1, 30, 1]) {
    pass(days * DAY);
    await wake(jobObject(jobId));
  }
  const { token } = await user.client.auth.renew.mutate();
  const [job] = (await exportOf(clientFor(token))).flatMap((page) => page.jobs);
  expect(job).toMatchObject({ jobId, status: 'done', charged: 1, photos: [{ idx: 0, status: 'done' }] });
  expect(job?.concepts).toEqual({ Floor: { action: 'recolor', value: '#C8A27A' } });
});

test('a page holds the photos of a few jobs, and the pages together all of them once', async () => {
  await userRpc(user.userId).grantCredits(user.userId, 'more', 1_000, 'test');
  const jobIds: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { jobId } = await createdJob(user, 90);
    jobIds.unshift(jobId);
    await user.client.jobs.cancel.mutate({ jobId });
    pass(MINUTE);
  }
  const pages = await exportOf(user.client);
  expect(pages.map(({ jobs }) => jobs.length)).toEqual([2, 1, 0]);
  expect(pages.flatMap(({ jobs }) => jobs.map(({ jobId }) => jobId))).toEqual(jobIds);
});

test('a receipt that D1 has not heard of yet is there as well', async () => {
  const fresh = await signUp();
  await fresh.client.rules.create.mutate({ name: 'Mine', presetId: 'interior', ...CHOICE });
  const receipts = (await exportOf(fresh.client)).flatMap((page) => page.receipts);
  expect(receipts.map(({ amount }) => amount)).toEqual([10]);
});

test('nothing of anybody else is in it, and a cursor of another list is refused', async () => {
  await doneJob(user, 1);
  const stranger = await signUp();
  const [page] = await exportOf(stranger.client);
  expect(page).toMatchObject({ jobs: [], rules: [] });
  expect(JSON.stringify(page)).not.toContain(user.userId);
  expect(await refusalOf(stranger.client.user.export.query({ cursor: 'elsewhere' }))).toMatchObject({
    code: 'VALIDATION_ERROR',
    details: { field: 'cursor' },
  });
});

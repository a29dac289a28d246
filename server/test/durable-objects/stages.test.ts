/** The builder takes a job to each stage of its life, and the promises that hold at every moment hold there. */
import { beforeEach, expect, test } from 'vitest';
import { STAGES, type Stage } from '../../../proving/world/jobs.ts';
import { seenJob } from '../../../proving/world/look.ts';
import { ALWAYS, AT_REST, broken } from '../../../proving/world/promises.ts';
import { refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { jobs } from '../../../proving/world/workerd/jobs.ts';
import { ledgerFrom, lookAtJob, lookAtUser } from '../../../proving/world/workerd/look.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

/** What its owner is shown, and what the job owes. */
const SHOWN: Record<Stage, [status: string, owes: string[]]> = {
  created: ['created', []],
  uploaded: ['uploaded', []],
  queued: ['queued', []],
  running: ['running', []],
  closing: ['running', ['verify']],
  done: ['done', []],
  failed: ['failed', []],
  canceled: ['canceled', []],
  deleted: ['JOB_NOT_FOUND', []],
};

/** The job and its user as they are, in a plain look. */
async function lookAt(jobId: string) {
  const [account, job] = [await lookAtUser(user.userId), await lookAtJob(jobId)];
  if (account === null || job.kind !== 'job') throw new Error('an object has vanished');
  const seen = seenJob(job.job, { deleted: job.job.deletedAt !== null, kept: false });
  return { ledgers: [ledgerFrom(user.userId, account)], jobs: [seen], d1: {} };
}

test.each(STAGES)('a job that is %s', async (stage) => {
  const { jobId } = await jobs.at(stage, user);
  const [status, owes] = SHOWN[stage];
  const get = user.client.jobs.get.query({ jobId });
  expect(stage === 'deleted' ? (await refusalOf(get)).code : (await get).status).toBe(status);
  const look = await lookAt(jobId);
  expect(look.jobs[0]?.owes).toEqual(owes);
  expect(broken(look, ALWAYS)).toEqual([]);
  const rests = ['done', 'failed', 'canceled'].includes(stage);
  const open = broken(look, AT_REST).map(({ promise }) => promise);
  expect(open.includes('every job has ended and is charged')).toBe(!rests && stage !== 'deleted');
});

test('a job that is made from another', async () => {
  const source = await jobs.at('done', user, 3);
  const job = await jobs.at('done', user, 1, { from: { jobId: source.jobId, indexes: [2] } });
  expect((await lookAt(job.jobId)).jobs).toMatchObject([{ status: 'done', source: source.jobId, charged: 1 }]);
});

/**
 * What has to hold after every crash, once nothing is owed any more: the promises of proving/world. {@link settledEnding} is asked
 * some days after the last call, {@link expectNothingLeft} when everything has outlived its time.
 */
import { expect } from 'vitest';
import { type Ledger, type Look, type SeenJob, seenJob } from '../world/look.ts';
import { AFTER_RETENTION, ALWAYS, AT_REST, broken, KEYS, ONCE_TOLD, TIDY } from '../world/promises.ts';
import { keysOfUser, ledgerFrom, lookAtHistory, lookAtJob, lookAtRemains, lookAtUser } from '../world/workerd/look.ts';
import type { World } from './world.ts';

/** How a run ended, in words that do not differ from run to run: a crash must not change them. */
export type Ending = { credits: string; jobs: string[] };

export async function settledEnding({ userId }: World): Promise<Ending> {
  const user = await lookAtUser(userId);
  if (user === null) throw new Error('the account has vanished');
  const [d1, stored] = await Promise.all([lookAtHistory(userId), keysOfUser(userId)]);
  if (user.erasing) {
    // Of a user who was deleted D1 and R2 know nothing any more.
    expect(broken({ ledgers: [ledgerFrom(userId, user)], jobs: [], d1, stored }, ALWAYS, ONCE_TOLD, TIDY)).toEqual([]);
    return { credits: 'deleted', jobs: [] };
  }
  const ledger = ledgerFrom(userId, user);
  const jobs = new Map<string, SeenJob>();
  for (const hold of user.holds) {
    const job = await settledJob(ledger, hold, d1.jobs?.has(hold.jobId) ?? false);
    if (job !== null) jobs.set(hold.jobId, job);
  }
  const look: Look = { ledgers: [ledger], jobs: [...jobs.values()], d1, stored };
  expect(broken(look, ALWAYS, ONCE_TOLD, KEYS, AT_REST, TIDY)).toEqual([]);
  const { balance, spent } = user.account;
  const inOrder = user.holds.sort((a, b) => a.createdAt - b.createdAt || (a.jobId < b.jobId ? -1 : 1));
  return {
    credits: `${balance} left, ${spent} spent`,
    jobs: inOrder.map(
      ({ jobId, amount, charged }) => `${wordFor(jobs.get(jobId), charged)}, charged ${charged} of ${amount}`,
    ),
  };
}

/** Null when nothing of it is to be seen in history. */
async function settledJob(
  { userId }: Ledger,
  hold: Ledger['holds'][number],
  isShown: boolean,
): Promise<SeenJob | null> {
  const { jobId, amount: total } = hold;
  const look = await lookAtJob(jobId);
  if (look.kind === 'job') {
    const deleted = look.job.deletedAt !== null;
    return seenJob(look.job, { deleted, kept: !deleted });
  }
  if (look.kind === 'abandoned' || !isShown) return null;
  // Of a job that was never executed a row of history is all that is left.
  const nothing = { done: [], failed: [], charged: 0, ran: false, owes: [], deleted: false, kept: false };
  return { jobId, userId, status: 'canceled', total, ...nothing };
}

/** A tombstone lasts for a day. No life here deletes a job that was charged nothing, so that tells the two apart after it. */
function wordFor(job: SeenJob | undefined, charged: number | null): string {
  if (job !== undefined && !job.deleted) return job.status;
  return charged === 0 ? 'never came to be' : 'deleted';
}

/** Every photo has outlived its time, and so has every job's object. */
export async function expectNothingLeft({ userId, jobIds }: World): Promise<void> {
  expect(broken(await lookAtRemains(userId, jobIds), AFTER_RETENTION)).toEqual([]);
}

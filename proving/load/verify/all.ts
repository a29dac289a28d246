/** Everything that is checked once the load is over, from outside: jobs, D1, ledgers, bucket. */
import type { Admin } from '../admin.ts';
import type { RanJob } from '../client-job.ts';
import type { Reports } from '../gpu/reports.ts';
import type { StackKeeper } from '../stack-keeper.ts';
import type { Tally } from '../tally.ts';
import type { User } from '../users.ts';
import { type BucketReport, untilTidy } from './bucket.ts';
import { untilQuiet } from './effects.ts';
import { type JobFacts, lookAtJobs } from './jobs.ts';
import { checkLedgers, type LedgerReport } from './ledger.ts';

/** History that failed is written again with at most five minutes between tries. */
const QUIET_LIMIT_MS = 240_000;
/** Clean-up waits for the last signed PUT, and may have to try again. */
const TIDY_LIMIT_MS = 300_000;

export type Verified = {
  facts: JobFacts[];
  ledger: LedgerReport;
  /** Fields in which D1 differs from the objects. */
  d1Differences: number;
  /** Done photos without a result, and photos of ended jobs that are neither done nor failed nor canceled. */
  lost: number;
  leftOver: number;
  stuck: number;
  /** Jobs by the number of their attempts, from 0. */
  attempts: number[];
};

export type Verifying = {
  admin: Admin;
  keeper: StackKeeper;
  users: User[];
  ran: RanJob[];
  reports: Reports;
  tally: Tally;
  say(line: string): void;
};

export async function verifyAll({ admin, keeper, users, ran, reports, tally, say }: Verifying): Promise<Verified> {
  const jobIds = ran.flatMap(({ jobId }) => jobId ?? []);
  say('waiting until every job has settled and written its history');
  const { jobs, stuck } = await untilQuiet(admin, jobIds, QUIET_LIMIT_MS);
  for (const jobId of stuck) tally.problem('a job is stuck', JSON.stringify(jobs.find((job) => job.jobId === jobId)));
  for (const { planned, jobId } of ran) {
    if (jobId === null) tally.problem('a job could not be created', planned.idempotencyKey);
  }
  say('looking at every job');
  const facts = await lookAtJobs(ran, users, reports, tally);
  say('comparing objects with D1');
  const d1Differences = await reconcileAll(admin, users.length, tally);
  say('adding up every ledger');
  const ledger = await checkLedgers(users, facts, tally);
  say('listing the bucket, once clean-up is over');
  const executed = new Set(jobs.flatMap(({ jobId, attempt }) => (attempt > 0 ? [jobId] : [])));
  const bucket = await untilTidy(keeper.stack.s3, facts, executed, TIDY_LIMIT_MS);
  tellBucket(bucket, tally);
  const pending = facts.reduce((sum, job) => sum + job.pending, 0);
  const attempts = [jobIds.length - jobs.length];
  for (const { attempt } of jobs) attempts[attempt] = (attempts[attempt] ?? 0) + 1;
  const lost = pending + bucket.missing.length;
  const notCreated = ran.length - jobIds.length;
  return {
    facts,
    ledger,
    d1Differences,
    lost,
    leftOver: bucket.leftOver.length,
    stuck: stuck.length + notCreated + ledger.held,
    attempts,
  };
}

export async function reconcileAll(admin: Pick<Admin, 'reconcile'>, users: number, tally: Tally): Promise<number> {
  let differences = 0;
  let checked = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const report = await admin.reconcile(cursor === undefined ? {} : { cursor });
    for (const difference of report.differences) tally.problem('D1 differs', JSON.stringify(difference));
    differences += report.differences.length;
    checked += report.checked;
    cursor = report.nextCursor;
  }
  if (checked !== users) tally.problem('D1 does not know every user', `${checked} of ${users}`);
  return differences;
}

function tellBucket({ missing, leftOver }: BucketReport, tally: Tally): void {
  for (const key of missing) tally.problem('a result is not in the bucket', key);
  for (const key of leftOver) tally.problem('clean-up left an object', key);
}

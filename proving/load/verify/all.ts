/** Everything that is checked once the load is over, from outside: jobs, D1, ledgers, bucket. */
import type { AdminJob } from '../../../server/src/contract/admin.ts';
import { listBucket } from '../../world/bundle/bucket.ts';
import { HOUR, lookUntil } from '../../world/clock.ts';
import type { Look } from '../../world/look.ts';
import { ALWAYS, AT_REST, broken, type Fault, KEYS, ONCE_TOLD, TIDY } from '../../world/promises.ts';
import type { Admin } from '../admin.ts';
import type { RanJob } from '../client-job.ts';
import type { Reports } from '../gpu/reports.ts';
import type { StackKeeper } from '../stack-keeper.ts';
import type { Tally } from '../tally.ts';
import type { User } from '../users.ts';
import { untilQuiet } from './effects.ts';
import { lookAtAll, lookAtJobs } from './look.ts';
import { checkTold } from './told.ts';

/** History that failed is written again with at most five minutes between tries. */
const QUIET_LIMIT_MS = 240_000;
/** Clean-up waits for the last signed PUT, and may have to try again. */
const TIDY_LIMIT_MS = 300_000;
const PAUSE_MS = 5_000;

export type Verified = {
  look: Look;
  ledger: LedgerFigures;
  /** Fields in which D1 differs from the objects. */
  d1Differences: number;
  /** Done photos without a result, and photos of ended jobs that are neither done nor failed nor canceled. */
  lost: number;
  leftOver: number;
  stuck: number;
  /** Jobs by the number of their runs, from 0. */
  attempts: number[];
};
export type LedgerFigures = {
  /** Sum over the users of all that does not add up, in credits. */
  difference: number;
  /** Jobs charged more than once, or for more than is done. */
  doubleCharged: number;
  /** Users who still hold a slot or credits. */
  held: number;
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
  const shown = await lookAtJobs(ran, users);
  for (const one of shown) checkTold(one.job, one.ran, reports, tally);
  say('comparing objects with D1');
  const d1Differences = await reconcileAll(admin, users.length, tally);
  say('adding up every ledger, and listing the bucket once clean-up is over');
  const executed = new Set(jobs.flatMap(({ jobId, attempt }) => (attempt > 0 ? [jobId] : [])));
  const first = await lookAtAll(users, shown, executed, await keysIn(keeper));
  const { look, leftOver } = await untilTidy(first, keeper, admin);
  const faults = [...broken(look, ALWAYS, ONCE_TOLD, KEYS, AT_REST), ...leftOver];
  for (const { promise, where } of faults) tally.problem(`not so: ${promise}`, where);
  const attempts = [jobIds.length - jobs.length];
  for (const { attempt } of jobs) attempts[attempt] = (attempts[attempt] ?? 0) + 1;
  const pending = shown.flatMap(({ job }) => job.items).filter(({ status }) => status === 'pending').length;
  const missing = faults.filter(({ promise }) => promise.startsWith('the result of every photo')).length;
  const ledger = figuresOf(look);
  const notStarted = ran.length - jobIds.length;
  return {
    look,
    ledger,
    d1Differences,
    lost: pending + missing,
    leftOver: leftOver.length,
    stuck: stuck.length + notStarted + ledger.held,
    attempts,
  };
}

const keysIn = async ({ stack }: StackKeeper): Promise<ReadonlySet<string>> =>
  new Set((await listBucket(stack.s3)).flatMap(({ key, size }) => (size > 0 ? [key] : [])));

/**
 * Looks into the bucket until clean-up has removed what is not kept, or its time is over. Until every job sleeps until its results go,
 * clean-up may still take what has to stay.
 */
async function untilTidy(look: Look, keeper: StackKeeper, admin: Admin): Promise<{ look: Look; leftOver: Fault[] }> {
  const jobIds = look.jobs.map(({ jobId }) => jobId);
  const sleeps = ({ nextAlarm }: AdminJob) => nextAlarm === null || nextAlarm > Date.now() + HOUR;
  const lookAgain = async () => {
    const asleep = (await admin.jobs(jobIds)).every(sleeps);
    const seen = { ...look, stored: await keysIn(keeper) };
    return { asleep, look: seen, leftOver: broken(seen, TIDY) };
  };
  const isTidy = ({ asleep, leftOver }: Awaited<ReturnType<typeof lookAgain>>) => asleep && leftOver.length === 0;
  return lookUntil(lookAgain, isTidy, { patience: TIDY_LIMIT_MS, pause: PAUSE_MS });
}

export function figuresOf({ ledgers, jobs, d1: { events = [] }, given }: Look): LedgerFigures {
  const sum = (amounts: number[]) => amounts.reduce((total, one) => total + one, 0);
  const differences = ledgers.flatMap(({ userId, account: { balance, held, spent, granted } }) => {
    const charged = sum(jobs.map((job) => (job.userId === userId ? (job.charged ?? 0) : 0)));
    const received = sum(events.map((event) => (event.userId === userId ? event.amount : 0)));
    const got = sum([...(given?.get(userId)?.values() ?? [])]);
    return [balance + held + spent - granted, granted - got, spent - charged, received - (granted - spent)];
  });
  const chargesOf = (jobId: string) => events.filter(({ type, ref }) => type === 'charge' && ref === jobId);
  return {
    difference: sum(differences.map(Math.abs)),
    doubleCharged: jobs.filter(({ jobId, done }) => {
      const charges = chargesOf(jobId);
      return charges.length > 1 || -sum(charges.map(({ amount }) => amount)) > done.length;
    }).length,
    held: sum(ledgers.map(({ slots = 0, account }) => Math.max(slots, account.held > 0 ? 1 : 0))),
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

/** The plain look of a load run: what users, operators and the bucket's owner are shown. */
import type { Job, Receipt, S3Client } from '@s3-workers/client-sdk';
import type { D1Event, Ledger, Look, SeenJob } from '../../world/look.ts';
import type { RanJob } from '../client-job.ts';
import type { User } from '../users.ts';

const AT_ONCE = 8;
const PAGE = 100;

/** A job as its owner is shown it, beside what its client did. */
export type Shown = { job: Job; ran: RanJob; userId: string };

export async function lookAtJobs(ran: RanJob[], users: User[]): Promise<Shown[]> {
  const shown = await inTurns(ran, async (one) => {
    const user = users[one.planned.user];
    if (one.jobId === null || user === undefined) return [];
    return [{ job: await user.client.jobs.get({ jobId: one.jobId }), ran: one, userId: user.userId }];
  });
  return shown.flat();
}

/** @param executed ids of jobs that were executed @param stored keys in the bucket */
export async function lookAtAll(
  users: User[],
  shown: Shown[],
  executed: ReadonlySet<string>,
  stored: ReadonlySet<string>,
): Promise<Look> {
  const jobs = shown.map(({ job, userId }) => seen(job, userId, executed));
  const accounts = await inTurns(users, async (user) => ({ ...user, ...(await accountOf(user, jobs)) }));
  return {
    ledgers: accounts.map(({ ledger }) => ledger),
    jobs,
    d1: { events: accounts.flatMap(({ events }) => events) },
    stored,
    given: new Map(users.map(({ userId, given }) => [userId, given])),
  };
}

function seen({ jobId, status, charged = null, items }: Job, userId: string, executed: ReadonlySet<string>): SeenJob {
  const which = (wanted: string) => items.flatMap((item) => (item.status === wanted ? [item.idx] : []));
  const settled = { total: items.length, done: which('done'), failed: which('failed'), charged };
  return { jobId, userId, status, ...settled, ran: executed.has(jobId), owes: [], deleted: false, kept: true };
}

async function accountOf({ userId, client }: User, jobs: SeenJob[]): Promise<{ ledger: Ledger; events: D1Event[] }> {
  const { credits, plan, activeJobs } = await client.user.me();
  const receipts = await allReceipts(client);
  const holds = jobs
    .filter((job) => job.userId === userId)
    .map(({ jobId, total, charged }) => ({ jobId, amount: total, charged, outcome: null }));
  return {
    ledger: { userId, account: { plan, ...credits }, holds, slots: activeJobs },
    events: receipts.map(({ id, type, amount, ref }) => ({ id, userId, type, amount, ref })),
  };
}

async function allReceipts(client: S3Client): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.user.ledger({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    receipts.push(...page.receipts);
    if (page.nextCursor === null) return receipts;
    cursor = page.nextCursor;
  }
}

async function inTurns<T, U>(all: readonly T[], look: (one: T) => Promise<U>): Promise<U[]> {
  const left = [...all];
  const found: U[] = [];
  const lane = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) found.push(await look(one));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return found;
}

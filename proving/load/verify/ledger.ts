/** The credits of every user: what their object says, what their receipts say, and what their jobs were charged. */
import type { Receipt, S3Client } from '@s3-workers/client-sdk';
import type { Tally } from '../tally.ts';
import type { User } from '../users.ts';
import type { JobFacts } from './jobs.ts';

const AT_ONCE = 8;
const PAGE = 100;

export type LedgerReport = {
  /** Sum over the users of all that does not add up, in credits. */
  difference: number;
  /** Jobs charged more than once, or for more than is done. */
  doubleCharged: number;
  /** Jobs that still hold a slot or credits. */
  held: number;
};

export async function checkLedgers(users: User[], facts: JobFacts[], tally: Tally): Promise<LedgerReport> {
  const report: LedgerReport = { difference: 0, doubleCharged: 0, held: 0 };
  const left = [...users];
  const check = async () => {
    for (let user = left.pop(); user !== undefined; user = left.pop()) {
      const { userId } = user;
      await checkUser(
        user,
        facts.filter((job) => job.userId === userId),
        report,
        tally,
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, check));
  return report;
}

async function checkUser(user: User, jobs: JobFacts[], report: LedgerReport, tally: Tally): Promise<void> {
  const { credits, activeJobs } = await user.client.user.me();
  const { balance, held, spent, granted } = credits;
  const receipts = await allReceipts(user.client);
  const sum = (type: Receipt['type']) => total(receipts.filter((one) => one.type === type).map(({ amount }) => amount));
  const charged = total(jobs.map((job) => job.charged));
  const differences: [string, number][] = [
    ['balance + held + spent = granted', balance + held + spent - granted],
    ['granted is what was granted', granted - user.granted],
    ['spent is what the jobs were charged', spent - charged],
    ['receipts of grants add up to granted', sum('grant') - granted],
    ['receipts of charges add up to spent', sum('charge') + spent],
    ['balance is granted less charges', balance - (user.granted - charged)],
  ];
  for (const [what, difference] of differences) {
    report.difference += Math.abs(difference);
    if (difference !== 0) tally.problem(`not so: ${what}`, `${user.userId} ${JSON.stringify(credits)}`);
  }
  report.held += Math.max(activeJobs, held > 0 ? 1 : 0);
  if (activeJobs > 0 || held > 0)
    tally.problem('credits or slots are still held', `${user.userId} ${activeJobs} ${held}`);
  for (const job of jobs) {
    const charges = receipts.filter(({ type, ref }) => type === 'charge' && ref === job.jobId);
    const paid = -total(charges.map(({ amount }) => amount));
    if (charges.length > 1 || paid > job.done.length) {
      report.doubleCharged++;
      tally.problem('a job was charged twice', `${job.jobId} ${JSON.stringify(charges)}`);
    } else if (paid !== job.charged) tally.problem('a receipt is not what was charged', `${job.jobId} ${paid}`);
  }
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

const total = (amounts: number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

/**
 * One plain look at everything: ledgers and jobs as their objects hold them, what D1 shows, and what lies in R2. Each world fills in what
 * it can see from where it stands; what is left out nobody there can see. What has to be true of it stands in promises.ts.
 * Amounts are whole credits.
 */
import { indexesOf } from '../../server/src/domain/bitmap.ts';
import { hasRun, type JobState, sentPhotos } from '../../server/src/domain/job/state.ts';
import { owedEffects } from '../../server/src/domain/job/timing.ts';
import type { Account, Hold, Outcome } from '../../server/src/domain/ledger.ts';

export const ENDED: ReadonlySet<string> = new Set<JobState['status']>(['done', 'failed', 'canceled']);

export type Ledger = {
  userId: string;
  account: Omit<Account, 'version'>;
  holds: Pick<Hold, 'jobId' | 'amount' | 'charged' | 'outcome'>[];
  /** Names by id. */
  rules?: ReadonlyMap<string, string>;
  /** What D1 and the day of all have yet to hear of him. */
  owed?: number;
  /** Job slots that are taken, where only their number shows. */
  slots?: number;
  /** The user was deleted, or is being deleted. */
  erased?: boolean;
};

export type SeenJob = {
  jobId: string;
  userId: string;
  status: JobState['status'];
  total: number;
  done: number[];
  failed: number[];
  charged: number | null;
  /** Whether it was ever executed. */
  ran: boolean;
  /** Names of its effects that are still to come. */
  owes: string[];
  /** Photos that reached the provider, over all attempts. */
  sent?: number;
  /** Its owner deleted it: history shows it no more. */
  deleted: boolean;
  /** Whether the time for which results are kept is not over. */
  kept: boolean;
  /** The job whose photos these are, when it is another one. */
  source?: string;
};

/** What is left of a job when its object has outlived it. */
export type Remains = { jobId: string; kind: string; tables: number; alarm: number | null };

export type D1Job = { userId: string; status: string; done: number; failed: number; total: number };
export type D1Event = { id: string; userId: string; type: string; amount: number; ref: string | null };
export type History = {
  users: ReadonlyMap<string, { plan: string; credits: number }>;
  events: readonly D1Event[];
  /** Names by id, by user. */
  rules: ReadonlyMap<string, ReadonlyMap<string, string>>;
  jobs: ReadonlyMap<string, D1Job>;
  /** Of each job, the states of its photos in their order. */
  items: ReadonlyMap<string, readonly string[]>;
};

export type Look = {
  ledgers: Ledger[];
  jobs: SeenJob[];
  d1: Partial<History>;
  /** Keys of all objects in R2. */
  stored?: ReadonlySet<string>;
  /** What the day of all counts of each job, where that day counts still. */
  counted?: ReadonlyMap<string, number>;
  /** What was given to each user, by the key under which it was; known to whoever gave it. */
  given?: ReadonlyMap<string, ReadonlyMap<string, number>>;
  remains?: Remains[];
};

/** A job as its object holds it. */
export function seenJob(job: JobState, { deleted, kept }: Pick<SeenJob, 'deleted' | 'kept'>): SeenJob {
  const { jobId, userId, status, photos, charged } = job;
  const settled = { total: photos.length, done: indexesOf(job.done), failed: indexesOf(job.failed), charged };
  const owes = owedEffects(job).map(({ name }) => name);
  const source = job.source === null ? {} : { source: job.source.jobId };
  return { jobId, userId, status, ...settled, ran: hasRun(job), owes, sent: sentPhotos(job), deleted, kept, ...source };
}

type Row = Record<string, unknown>;
/** Rows of D1 by table, in the order of their keys. */
export type HistoryRows = Record<'users' | 'rules' | 'jobs_log' | 'job_items_log' | 'billing_events', Row[]>;

export function historyOf(rows: HistoryRows): History {
  const rules = new Map<string, Map<string, string>>();
  for (const { id, user_id, name, deleted_at } of rows.rules) {
    const mine = rules.get(String(user_id)) ?? new Map<string, string>();
    rules.set(String(user_id), mine);
    if (deleted_at === null || deleted_at === undefined) mine.set(String(id), String(name));
  }
  const items = new Map<string, string[]>();
  for (const { job_id, status } of rows.job_items_log) {
    items.set(String(job_id), [...(items.get(String(job_id)) ?? []), String(status)]);
  }
  const job = ({ user_id, status, done, failed, total }: Row): D1Job => ({
    userId: String(user_id),
    status: String(status),
    done: Number(done),
    failed: Number(failed),
    total: Number(total),
  });
  return {
    users: new Map(
      rows.users.map(({ id, plan, credits }) => [String(id), { plan: String(plan), credits: Number(credits) }]),
    ),
    events: rows.billing_events.map(({ id, user_id, type, amount, ref }) => ({
      id: String(id),
      userId: String(user_id),
      type: String(type),
      amount: Number(amount),
      ref: ref === null ? null : String(ref),
    })),
    rules,
    jobs: new Map(rows.jobs_log.map((row) => [String(row.job_id), job(row)])),
    items,
  };
}

type AccountRow = Omit<Account, 'version'> & { live?: string; more?: string | null };
type ReceiptRow = { job_id: string; amount: number; charged: number; outcome: string };

/** A ledger from the rows of its object. */
export function ledgerOf(userId: string, row: AccountRow, receipts: ReceiptRow[]): Ledger {
  const { plan, balance, held, spent, granted, live = '[]', more } = row;
  const settled = receipts.map(({ job_id, amount, charged, outcome }) => ({
    jobId: job_id,
    amount,
    charged,
    outcome: JSON.parse(outcome) as Outcome | null,
  }));
  const account = { plan, balance, held, spent, granted };
  const erased = 'erasing' in (JSON.parse(more ?? '{}') as object);
  return { userId, account, holds: [...(JSON.parse(live) as Hold[]), ...settled], erased };
}

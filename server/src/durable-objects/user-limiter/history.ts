/** The user's jobs, as lists, reconciliation and whoever reads D1 ask for them. */
import type { Me } from '../../contract/user.ts';
import type { Hold } from '../../domain/ledger.ts';
import { ok, type Result } from '../../domain/result.ts';
import type { JobEntry, User } from './state.ts';

export type HistoryPorts = {
  now(): number;
  user(): User | null;
  /** The user unless he is being deleted. */
  current(): User | null;
  isErasing(): boolean;
  me(): Me | null;
  receipt(jobId: string): Hold | null;
  receiptsOfKept(after: string, limit: number): { kept: Hold[]; next: string | null };
  forgetReceipts(after: string, upTo: string, before: number): void;
  noteGone(jobIds: readonly string[]): void;
  saveRecent(recent: readonly JobEntry[]): void;
  /** Counts one of the hour's queries, or one that counts as several. */
  countQuery(user: User, cost?: number): Result<null>;
  /** Has D1 told what changed a moment ago, and waits for that. */
  tellD1(): Promise<void>;
  /** How long D1 keeps the history of jobs, in days. */
  historyDays(): number;
};

/** A user as reconciliation compares him; `next` is where the following page begins, null when there is none. */
export type Review = {
  me: Me | null;
  isErasing: boolean;
  jobs: { jobId: string; charged: number; settledAt: number }[];
  next: string | null;
};

/** After every job id: they are hexadecimal. */
const LAST = 'g';
const DAY_MS = 86_400_000;

export class History {
  readonly #ports: HistoryPorts;

  constructor(ports: HistoryPorts) {
    this.#ports = ports;
  }

  /** Live jobs, and those that ended last; null while there is no account. One of the hour's queries, or several. */
  jobs(cost: number): Result<JobEntry[] | null> {
    const user = this.#ports.user();
    if (user === null) return ok(null);
    const counted = this.#ports.countQuery(user, cost);
    if (!counted.ok) return counted;
    return ok([...user.live.map(({ jobId, createdAt }) => ({ jobId, createdAt })), ...user.recent]);
  }

  /**
   * One of the hour's queries, for whoever is about to read in D1.
   * @param fresh whether D1 first hears of what changed a moment ago @returns whether there is an account, and so anything to read
   */
  async query(fresh: boolean): Promise<Result<boolean>> {
    const user = this.#ports.user();
    if (user === null) return ok(false);
    const counted = this.#ports.countQuery(user);
    if (!counted.ok) return counted;
    if (fresh) await this.#ports.tellD1();
    return ok(true);
  }

  /** The job was deleted: no list shows it any more. Its entry stays, since one says that there are receipts. */
  forgetJob(jobId: string): void {
    const recent = this.#ports.user()?.recent ?? [];
    const shown = recent.some((entry) => entry.jobId === jobId && entry.ended !== null);
    if (shown)
      this.#ports.saveRecent(recent.map((entry) => (entry.jobId === jobId ? { ...entry, ended: null } : entry)));
  }

  /** Whether that job was this user's, and has ended. */
  hasEnded(jobId: string): boolean {
    return this.#ports.user() !== null && this.#ports.receipt(jobId) !== null;
  }

  /**
   * For reconciliation: has D1 told what changed a moment ago, and shows the account and a page of the jobs that were settled, in the order
   * of their ids, without those that are known to be gone.
   */
  async review(after: string, limit: number): Promise<Review> {
    await this.#ports.tellD1();
    const { kept, next } = this.#ports.receiptsOfKept(after, limit);
    this.#forgetReceipts(after, next ?? LAST);
    const jobs = kept.map(({ jobId, charged, settledAt }) => ({
      jobId,
      charged: charged ?? 0,
      settledAt: settledAt ?? 0,
    }));
    return { me: this.#ports.me(), isErasing: this.#ports.isErasing(), jobs, next };
  }

  /** D1 has forgotten their history by then, a round of reconciliation included. */
  #forgetReceipts(after: string, upTo: string): void {
    if (this.#ports.current() === null) return;
    const days = 2 * this.#ports.historyDays();
    this.#ports.forgetReceipts(after, upTo, this.#ports.now() - days * DAY_MS);
  }

  /** These settled jobs have deleted their own storage. */
  noteGone(jobIds: string[]): void {
    this.#ports.noteGone(jobIds);
  }
}

/** What the fake server knows: jobs in memory, users, tokens, and what was PUT. */
import type * as contract from '../../server/src/contract/index.ts';
import { refuse } from './refuse.ts';

export type FakeJob = {
  jobId: string;
  preset: contract.PresetId;
  photos: contract.Photo[];
  status: contract.JobStatus;
  /** How often `jobs.get` was asked. */
  polls: number;
};
export class FakeState {
  readonly base: string;
  readonly jobs = new Map<string, FakeJob>();
  /** Photos by `jobId/idx`. */
  readonly stored = new Map<string, { type: string | null; bytes: number }>();
  /** Paths of procedures in the order they ran, `PUT jobId/idx` among them. */
  readonly log: string[] = [];
  readonly inputs: { path: string; input: unknown }[] = [];
  readonly users = new Map<string, string>();
  readonly tokens = new Map<string, string>();
  /** Users by the key that their sessions were revoked under. */
  readonly revocations = new Map<string, string>();
  readonly expired = new Set<string>();
  /** Called before a procedure runs; throw with `refuse`. */
  onCall: (path: string, input: unknown) => void = () => {};
  /** Results that have come by the nth `jobs.get`. */
  itemsAt: (polls: number, job: FakeJob) => contract.JobItem[] = (polls, job) =>
    job.photos.map((_, idx) =>
      idx < polls ? { idx, status: 'done', resultUrl: `r/${idx}` } : { idx, status: 'pending' },
    );
  onCanceled: () => void = () => {};
  tokenDays = 30;
  now = () => Date.now();
  #signatures = 0;
  #tokens = 0;
  readonly goodSignatures = new Set<string>();

  constructor(base = 'http://fake') {
    this.base = base;
  }

  sign(jobId: string, idx: number): contract.Upload {
    this.#signatures += 1;
    const signature = String(this.#signatures);
    this.goodSignatures.add(signature);
    const photo = this.jobs.get(jobId)!.photos[idx]!;
    return {
      idx,
      url: `${this.base}/storage/${jobId}/${idx}?sig=${signature}`,
      headers: { 'content-type': photo.contentType, 'content-length': String(photo.bytes), 'if-none-match': '*' },
      expiresAt: new Date(this.now() + 15 * 60_000),
    };
  }

  issue(userId: string): contract.Session {
    this.#tokens += 1;
    const token = `token-${this.#tokens}`;
    this.tokens.set(token, userId);
    return { userId, token, expiresAt: new Date(this.now() + this.tokenDays * 24 * 3600_000) };
  }

  job(jobId: string): FakeJob {
    return this.jobs.get(jobId) ?? refuse('JOB_NOT_FOUND');
  }

  view(job: FakeJob): contract.Job {
    const items = this.itemsAt(job.polls, job);
    const done = items.filter(({ status }) => status === 'done').length;
    const failed = items.filter(({ status }) => status === 'failed').length;
    if (job.status === 'running' && done + failed === items.length) job.status = done > 0 ? 'done' : 'failed';
    const live = job.status === 'running';
    return {
      jobId: job.jobId,
      status: job.status,
      preset: job.preset,
      progress: { done, failed, total: items.length },
      items,
      createdAt: new Date(0),
      deadline: live ? new Date(1) : null,
      keptUntil: live ? null : new Date(2),
      error: null,
      charged: live ? null : done,
      ticket: 'ticket',
    };
  }
}

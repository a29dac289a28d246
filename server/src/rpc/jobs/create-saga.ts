/**
 * The create saga: reserve credits at the user's object, then create at the job's. Both steps may be repeated. When an
 * answer is lost in between, nothing is released here: the user's object asks the job when the hold's check time comes.
 */
import type { CreateInput, JobStatus, JobSummary } from '../../contract/jobs.ts';
import { jobGone, type Loan } from '../../domain/job/create.ts';
import type { Reserve } from '../../domain/ledger.ts';
import { ok, type Refused, type Result } from '../../domain/result.ts';
import type { JobSnapshot, UploadSlot } from '../../durable-objects/job-coordinator/view.ts';

export type Plan = Omit<Loan, 'source'> & { source: Loan['source'] | null };
export type Made = { status: JobStatus; deadline: number | null; uploads: UploadSlot[] };

type Answer<T> = T | Promise<T>;

/** What is asked of the user and of jobs, on the user's behalf. */
export type CreatePorts = {
  /** Refuses a session that was revoked. */
  admit(): Answer<void>;
  reserve(command: Omit<Reserve, 'checkAt'>): Answer<Result<{ settled: boolean }>>;
  /** The job could not be created after all. */
  recheck(jobId: string): Answer<void>;
  loan(jobId: string, indexes: number[] | undefined): Answer<Result<Loan>>;
  lend(jobId: string, dependent: string): Answer<Result<null>>;
  create(jobId: string, plan: Plan): Answer<Result<{ snapshot: JobSnapshot; uploads: UploadSlot[] }>>;
  /** The job as a create that comes again finds it. */
  again(jobId: string, input: CreateInput): Answer<Result<JobSnapshot | null>>;
  /** What history tells of a job whose object is gone. */
  past(jobId: string): Answer<Pick<JobSummary, 'status' | 'preset' | 'progress'> | null>;
};

export class CreateSaga {
  readonly #ports: CreatePorts;

  constructor(ports: CreatePorts) {
    this.#ports = ports;
  }

  async run(jobId: string, input: CreateInput): Promise<Result<Made>> {
    const plan = await this.#planOf(input);
    return plan.ok
      ? await this.#reserveAndCreate(jobId, input, plan.value)
      : await this.#orMadeBefore(jobId, input, plan);
  }

  async #planOf(input: CreateInput): Promise<Result<Plan>> {
    if (!('from' in input)) return ok({ preset: input.preset, photos: input.photos, source: null });
    // Another job says whether it may be used, before the user's object is asked.
    await this.#ports.admit();
    return this.#ports.loan(input.from.jobId, input.from.indexes);
  }

  async #reserveAndCreate(jobId: string, input: CreateInput, plan: Plan): Promise<Result<Made>> {
    const { preset, photos } = plan;
    const reserved = await this.#ports.reserve({ jobId, preset, amount: photos.length });
    if (!reserved.ok) return reserved;
    if (reserved.value.settled) return this.#orMadeBefore(jobId, input, jobGone());
    const made = await this.#lendAndCreate(jobId, input, plan);
    // Refused for certain, so no need to let the credits wait for their check time.
    if (!made.ok) await this.#ports.recheck(jobId);
    return made;
  }

  async #lendAndCreate(jobId: string, input: CreateInput, plan: Plan): Promise<Result<Made>> {
    const { source } = plan;
    if (source !== null) {
      const lent = await this.#ports.lend(source.jobId, jobId);
      if (!lent.ok) return this.#orMadeBefore(jobId, input, lent);
    }
    const created = await this.#ports.create(jobId, plan);
    return created.ok ? ok({ ...created.value.snapshot, uploads: created.value.uploads }) : created;
  }

  /**
   * The job that the key was used for before: it is shown as it is, whatever became since of the photos that it was made from. Nothing new
   * is started; without such a job, `refused` stands.
   */
  async #orMadeBefore(jobId: string, input: CreateInput, refused: Refused): Promise<Result<Made>> {
    if (input.idempotencyKey === undefined) return refused;
    const found = await this.#ports.again(jobId, input);
    if (!found.ok) return found;
    if (found.value !== null) return ok({ ...found.value, uploads: [] });
    // Its object may be gone already, and then history has it.
    const past = await this.#ports.past(jobId);
    if (past === null) return refused;
    const { status, preset, progress } = past;
    if (!('from' in input) && (preset !== input.preset || progress.total !== input.photos.length)) return jobGone();
    return ok({ status, deadline: null, uploads: [] });
  }
}

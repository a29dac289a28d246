/** A job from what it is made of to its end: make it, bring the photos, begin the work, follow it. */
import { abortable, linkedSignal, throwIfAborted } from '../abort.ts';
import { isS3Error, type S3ErrorCode, withMore } from '../errors.ts';
import type { Procedures } from '../generated/procedures.ts';
import type { Job, JobStatus, Upload } from '../generated/types.ts';
import { RUN_RETRIES } from '../retry.ts';
import { uniqueKey } from '../unique-key.ts';
import { type PreparedPhoto, preparePhotos } from '../upload/files.ts';
import { fingerprints, matchFiles, sizeIn } from '../upload/fingerprint.ts';
import { createPausing, type Pausing } from '../upload/pausing.ts';
import type { PhotoFiles } from '../upload/photo-file.ts';
import { createAttention } from './attention.ts';
import { type Bringing, createBringing } from './bringing.ts';
import { withinBudget } from './budget.ts';
import { createKept } from './creating.ts';
import { type Deferred, deferred } from './deferred.ts';
import { type Files, type From, inputOf, type JobDeps, type Photos, type Plan, type There } from './deps.ts';
import { type EndedJob, followJob } from './follow.ts';
import { twinOf, waits } from './left.ts';
import { notKnown } from './not-now.ts';
import { type SavedJob, withFiles } from './saved.ts';
import { JobStore, jobIdIn } from './store.ts';
import type { Change, RunResult } from './types.ts';
import { undo } from './undo.ts';
import { createUploading, type Uploading } from './uploading.ts';

/** The job waits as it is, for a time that the error tells: nothing is lost, and `attach` goes on with it. */
const WAITING: readonly S3ErrorCode[] = ['CEILING_REACHED', 'ALLOWANCE_EXHAUSTED', 'RATE_LIMITED'];

type Canceled = Procedures['jobs.cancel']['output'];

export class JobRun {
  readonly store: JobStore;
  readonly pausing: Pausing = createPausing();
  readonly ended: Promise<RunResult>;
  /** Whether somebody has its handle, and can bring files. */
  handed = false;
  /** Handles that hold it. */
  holders = 0;
  readonly #deps: JobDeps;
  readonly #outer: AbortSignal | undefined;
  readonly #signal: AbortSignal;
  readonly #end: () => void;
  readonly #attention = createAttention();
  readonly #uploading: Uploading;
  readonly #made: Deferred<string> = deferred();
  readonly #bringing: Bringing;
  #todo: SavedJob | null;
  #creating: Promise<{ jobId: string }> | null = null;
  /** Whether its work has begun, or may have. */
  #executed = false;
  #canceling: Promise<Canceled> | null = null;
  #following: Promise<EndedJob> | null = null;
  #brings: boolean;
  /** Cancels that were asked for before: their jobs would still hold the slot. */
  readonly #earlier: readonly Promise<void>[];
  #stopped: { error: unknown; alsoThere: boolean } | null = null;

  constructor(deps: JobDeps, { source, change, maxCredits, idempotencyKey, signal }: Plan) {
    this.#deps = deps;
    const only = 'jobId' in source ? source.files : undefined;
    this.#brings = !('jobId' in source) || only !== undefined;
    this.#earlier = [...deps.canceling];
    this.#outer = signal;
    this.store = new JobStore('jobId' in source ? source.jobId : null);
    const [own, end] = linkedSignal(signal);
    this.#signal = own;
    this.#end = end;
    this.#uploading = createUploading(deps, this.store, this.pausing, this.#attention.listen, own);
    this.#todo = change && { names: [], prints: [], change, key: idempotencyKey ?? uniqueKey() };
    this.#bringing = createBringing(deps, this.store, this.#uploading, only, own);
    this.ended = this.#drive(source, maxCredits, idempotencyKey).finally(() => end());
    // Who does not ask for the result hears of the error through the state.
    this.ended.catch(() => {});
    this.#made.promise.catch(() => {});
  }

  /** What is done with the photos, as far as this client knows. */
  get change(): Change | null {
    return this.#todo?.change ?? null;
  }

  /** Whether it is under way and nobody has said that it shall end. */
  get open(): boolean {
    return !this.#canceling && !this.#signal.aborted;
  }

  /** Whether the photos come from here. */
  get brings(): boolean {
    return this.#brings && this.open;
  }

  /** Asked for twice it is one cancel; the next job waits for it, since it frees the slot. */
  cancel(): Promise<Canceled> {
    if (this.#canceling) return this.#canceling;
    const { canceling } = this.#deps;
    const answer = this.#cancel();
    this.#canceling = answer;
    const settled = answer
      .then(
        () => {},
        () => {
          this.#canceling = null;
        },
      )
      .finally(() => canceling.delete(settled));
    canceling.add(settled);
    return answer;
  }

  async #cancel(): Promise<Canceled> {
    const jobId = await this.#made.promise;
    const answer = this.#deps.call('jobs.cancel', { jobId });
    this.#uploading.stop();
    const told = await answer;
    this.#attention.nudge();
    return told;
  }

  bring(files: PhotoFiles | Photos): void {
    this.#brings = true;
    this.#bringing.bring(files);
  }

  /** Ends it on this side, with `error`. @param alsoThere whether the job is canceled as well, if its work has not begun */
  stop(error: unknown, alsoThere: boolean): void {
    this.#stopped ??= { error, alsoThere };
    this.#end();
  }

  async #drive(source: Plan['source'], maxCredits?: number, key?: string): Promise<RunResult> {
    try {
      throwIfAborted(this.#signal);
      const end = await ('jobId' in source ? this.#takeUp(source) : this.#make(source, maxCredits, key));
      const result = this.store.ended(end);
      await this.#deps.saved.forget(result.jobId);
      return result;
    } catch (caught) {
      const error = withMore(this.#stopped ? this.#stopped.error : caught, { jobId: this.store.state.jobId });
      await this.#leave(error);
      throw error;
    }
  }

  async #leave(error: unknown): Promise<void> {
    this.#made.reject(error);
    const creating = this.#creating;
    const aborted = this.#outer?.aborted === true;
    const kept = this.#executed || (isS3Error(error) && WAITING.includes(error.code));
    if (creating && (this.#stopped?.alsoThere ?? true) && (aborted || !kept)) {
      const undone = undo(creating, this.#deps);
      // Who aborts does not wait.
      if (!aborted) await undone;
    }
    this.store.failed(error);
  }

  async #make(source: Files | From, maxCredits: number | undefined, given: string | undefined): Promise<EndedJob> {
    const { call, presence, saved, undoing } = this.#deps;
    const key = given ?? uniqueKey();
    const signal = this.#signal;
    let photos: readonly PreparedPhoto[] = [];
    if ('files' in source) {
      const prepared = await abortable(preparePhotos(source.files, source.onInvalid), signal);
      photos = prepared.photos;
      this.store.update({ refused: prepared.refused });
      this.store.photos(photos);
    } else {
      this.store.photos(source.photos);
      this.store.forked(source.from.indexes?.length);
    }
    if (maxCredits !== undefined) await withinBudget(call, maxCredits, source, photos.length, signal);
    await abortable(Promise.all([...this.#earlier, ...undoing]), signal);
    const preset = 'files' in source ? source.preset : undefined;
    const prints = await abortable(fingerprints(photos), signal);
    const twin = preset && !given ? await abortable(twinOf(this.#deps, preset, prints, { signal }), signal) : undefined;
    if (twin) {
      photos = await matchFiles(twin.saved.prints, photos);
      this.store.photos(photos);
    }
    const todo = withFiles(this.#todo as SavedJob, this.store.state, preset, twin?.saved.prints ?? prints);
    this.#todo = todo;
    // Not given the signal: once sent it may make a job, whose id is needed to cancel it.
    const creating: Promise<{ jobId: string; status: JobStatus; uploads: Upload[] | null }> = twin
      ? Promise.resolve({ ...twin.job, uploads: null })
      : createKept(this.#deps, key, inputOf(source, photos, key), todo);
    this.#creating = creating;
    const { jobId, status, uploads } = await abortable(creating, signal);
    this.store.update({ jobId, phase: 'uploading' });
    this.store.status(status);
    const ticket = await presence.at(jobId, async () => {
      await saved.keep(jobId, todo, twin ? jobId : key);
      this.#made.resolve(jobId);
      return this.#unlessGone(async () => {
        if (uploads?.length !== 0 && status !== 'uploaded') await this.#upload(photos, uploads);
        return this.#canceling ? null : this.#execute(jobId);
      });
    });
    return this.#follow(jobId, ticket);
  }

  /** Files that were changed meanwhile are waited for, once the others are there: `state.waiting` says so. A run has nobody to bring them. */
  async #upload(photos: readonly PreparedPhoto[], uploads: readonly Upload[] | null): Promise<void> {
    try {
      await this.#uploading.all(photos, uploads);
    } catch (error) {
      if (!this.handed || !this.#todo || !isS3Error(error, 'INVALID_FILE')) throw error;
      // It may end before they come.
      const { prints } = this.#todo;
      await Promise.race([this.#follow(jobIdIn(this.store), null), this.#bringing.missing(prints, error.data.files)]);
    }
  }

  /** Follows a job that was begun before, and goes on with it as far as it is known what is to be done. */
  async #takeUp({ jobId }: There): Promise<EndedJob> {
    this.#executed = true;
    const known = await this.#deps.saved.find(jobId);
    if (known) {
      const { names, prints, fileIndexes = prints.map((_, idx) => idx), refused = [] } = known;
      this.#todo = this.#todo ? { ...known, change: this.#todo.change } : known;
      this.store.photos(
        names.map((name, index) => ({
          index,
          name,
          fileIndex: fileIndexes[index] ?? null,
          bytes: sizeIn(prints[index]),
        })),
      );
      if (prints.length === 0) this.store.forked();
      this.store.update({ refused });
    }
    this.#made.resolve(jobId);
    let end!: Promise<EndedJob>;
    const first = new Promise<Job>((resolve) => {
      end = this.#follow(jobId, null, resolve);
    });
    const goingOn = first.then((job) => {
      if (!waits(job)) return null;
      const todo = this.#todo;
      return todo ? this.#unlessGone(() => this.#goOn(jobId, todo)) : this.#unknown(job);
    });
    return Promise.race([end, goingOn.then(() => end)]);
  }

  /** Only followed, for somebody else may go on with it; whoever brings files is told that they can't be used. */
  async #unknown(job: Job): Promise<never> {
    this.store.update({ waiting: { for: 'change', missing: [], unmatched: [] } });
    await this.#bringing.picked();
    throw notKnown('attach', job);
  }

  /** Brings what the storage lacks, and begins the work. */
  async #goOn(jobId: string, { prints }: SavedJob): Promise<null> {
    await this.#bringing.missing(prints);
    await this.#execute(jobId);
    return null;
  }

  /** Begins the work; returns the ticket to its live events. */
  async #execute(jobId: string): Promise<string | null> {
    if (!this.#todo) return null;
    const { change, key } = this.#todo;
    const input = { ...change, jobId, idempotencyKey: key } as Procedures['jobs.execute']['input'];
    const options = { signal: this.#signal, maxRetries: RUN_RETRIES };
    const { status, ticket } = await this.#deps.call('jobs.execute', input, options);
    this.#executed = true;
    this.store.status(status);
    this.#attention.nudge();
    return ticket;
  }

  /**
   * What fails because the job is being canceled, or has gone on without us, does not matter: another tab was quicker, or it has
   * ended. Following it tells what became of it.
   */
  async #unlessGone<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (this.#signal.aborted) throw error;
      if (isS3Error(error, 'INVALID_TRANSITION') || isS3Error(error, 'ALREADY_CANCELED')) {
        this.#executed = true;
        return null;
      }
      if (!this.#canceling) throw error;
      await this.#canceling.catch(() => {});
      return null;
    }
  }

  #follow(jobId: string, ticket: string | null, onFirst?: (job: Job) => void): Promise<EndedJob> {
    const { listen } = this.#attention;
    this.#following ??= followJob(this.#deps, jobId, this.store, ticket, listen, this.#signal, onFirst);
    return this.#following;
  }
}

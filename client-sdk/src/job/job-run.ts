/** A job from what it is made of to its end: make it, bring the photos, begin the work, follow it. */
import { abortable, linkedController, throwIfAborted } from '../abort.ts';
import { isS3Error, type S3ErrorCode, withMore } from '../errors.ts';
import type { Procedures } from '../generated/procedures.ts';
import type { Job, JobStatus, Upload } from '../generated/types.ts';
import { uniqueKey } from '../unique-key.ts';
import { type PreparedPhoto, preparePhotos } from '../upload/files.ts';
import { fingerprints, matchFiles, sizeIn } from '../upload/fingerprint.ts';
import { createPausing, type Pausing } from '../upload/pausing.ts';
import { filesIn, type PhotoFiles } from '../upload/photo-file.ts';
import { createAttention } from './attention.ts';
import { begin } from './begin.ts';
import { bringMissing } from './bringing.ts';
import { withinBudget } from './budget.ts';
import { createKept } from './creating.ts';
import { type Deferred, deferred, mailbox } from './deferred.ts';
import { type Files, type From, inputOf, type JobDeps, type Photos, type Plan, type There } from './deps.ts';
import type { EndedJob } from './follow.ts';
import { twinOf, waits } from './left.ts';
import { notKnown } from './not-now.ts';
import { type SavedJob, withFiles } from './saved.ts';
import { JobStore } from './store.ts';
import type { Change, RunResult, UnmatchedFile } from './types.ts';
import { undo } from './undo.ts';
import { createUploading, type Uploading } from './uploading.ts';
import { followJob } from './watching.ts';

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
  readonly #controller: AbortController;
  readonly #attention = createAttention();
  readonly #uploading: Uploading;
  readonly #made: Deferred<string> = deferred();
  readonly #brought = mailbox<Photos>();
  #todo: SavedJob | null;
  #creating: Promise<{ jobId: string }> | null = null;
  /** Whether its work has begun, or may have. */
  #executed = false;
  #canceling: Promise<Canceled> | null = null;
  #following: Promise<EndedJob> | null = null;
  /** Files came with `attach`: they are all that will come. */
  #final = false;
  #brings: boolean;
  /** Cancels that were asked for before: their jobs would still hold the slot. */
  readonly #earlier: readonly Promise<void>[];
  #over = false;
  #stopped: { error: unknown; alsoThere: boolean } | null = null;

  constructor(deps: JobDeps, { source, change, maxCredits, idempotencyKey, signal }: Plan) {
    this.#deps = deps;
    this.#brings = !('jobId' in source);
    this.#earlier = [...deps.canceling];
    this.#outer = signal;
    this.store = new JobStore('jobId' in source ? source.jobId : null);
    const [controller, release] = linkedController(signal);
    this.#controller = controller;
    const { pausing, store } = this;
    this.#uploading = createUploading(deps, store, pausing, this.#attention.listen, controller.signal);
    this.#todo = change && { names: [], prints: [], change, key: idempotencyKey ?? uniqueKey() };
    if ('jobId' in source && source.files !== undefined) {
      this.#final = true;
      this.bring(source.files);
    }
    this.ended = this.#drive(source, maxCredits, idempotencyKey).finally(() => {
      this.#over = true;
      release();
      controller.abort();
    });
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
    return !this.#over && !this.#canceling && !this.#stopped && !this.#controller.signal.aborted;
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
    const failed = () => {
      this.#canceling = null;
    };
    const settled = answer.then(() => {}, failed);
    canceling.add(settled);
    settled.finally(() => canceling.delete(settled));
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
    const copied = filesIn(files);
    // It may fail before it is looked at.
    Promise.resolve(copied).catch(() => {});
    this.#brought.put(copied);
  }

  /** Ends it on this side, with `error`. @param alsoThere whether the job is canceled as well, if its work has not begun */
  stop(error: unknown, alsoThere: boolean): void {
    this.#stopped ??= { error, alsoThere };
    this.#controller.abort();
  }

  async #drive(source: Plan['source'], maxCredits?: number, key?: string): Promise<RunResult> {
    try {
      throwIfAborted(this.#controller.signal);
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
    const signal = this.#controller.signal;
    let photos: readonly PreparedPhoto[] = [];
    if ('files' in source) {
      const prepared = await abortable(preparePhotos(source.files, source.onInvalid), signal);
      photos = prepared.photos;
      this.store.update({ refused: prepared.refused });
      this.store.photos(photos);
    } else {
      this.store.named(source.names, source.fileIndexes);
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
        if (uploads?.length !== 0 && status !== 'uploaded') await this.#upload(jobId, photos, uploads);
        return this.#canceling ? null : this.#execute(jobId);
      });
    });
    return this.#follow(jobId, ticket);
  }

  /** Files that were changed meanwhile are waited for, once the others are there: `state.waiting` says so. A run has nobody to bring them. */
  async #upload(jobId: string, photos: readonly PreparedPhoto[], uploads: readonly Upload[] | null): Promise<void> {
    try {
      await this.#uploading.all(jobId, photos, uploads);
    } catch (error) {
      if (!this.handed || !this.#todo || !isS3Error(error, 'INVALID_FILE')) throw error;
      // It may end before they come.
      await Promise.race([this.#follow(jobId, null), this.#bring(jobId, this.#todo.prints, error.data.files)]);
    }
  }

  /** Follows a job that was begun before, and goes on with it as far as it is known what is to be done. */
  async #takeUp({ jobId }: There): Promise<EndedJob> {
    this.#executed = true;
    const known = await this.#deps.saved.find(jobId);
    if (known) {
      const { names, prints, fileIndexes = prints.map((_, idx) => idx), refused = [] } = known;
      this.#todo = this.#todo ? { ...known, change: this.#todo.change } : known;
      this.store.named(names, fileIndexes, prints.map(sizeIn));
      if (prints.length === 0) this.store.forked();
      this.store.update({ refused });
    }
    this.#made.resolve(jobId);
    const first = deferred<Job>();
    const end = this.#follow(jobId, null, first.resolve);
    const goingOn = first.promise.then((job) => {
      if (!waits(job)) return null;
      const todo = this.#todo;
      return todo ? this.#unlessGone(() => this.#goOn(jobId, todo)) : this.#unknown(job);
    });
    return Promise.race([end, goingOn.then(() => end)]);
  }

  /** Only followed, for somebody else may go on with it; whoever brings files is told that they can't be used. */
  async #unknown(job: Job): Promise<never> {
    this.store.update({ waiting: { for: 'change', missing: [], unmatched: [] } });
    await abortable(this.#brought.take(), this.#controller.signal);
    throw notKnown('attach', job);
  }

  /** Brings what the storage lacks, and begins the work. */
  async #goOn(jobId: string, { prints }: SavedJob): Promise<null> {
    await this.#bring(jobId, prints);
    await this.#execute(jobId);
    return null;
  }

  #bring(jobId: string, prints: readonly string[], unmatched: readonly UnmatchedFile[] = []): Promise<void> {
    const picked = async () => await abortable(this.#brought.take(), this.#controller.signal);
    const of = { store: this.store, uploading: this.#uploading, presence: this.#deps.presence };
    return bringMissing({ jobId, prints, final: this.#final, picked, unmatched, ...of });
  }

  /** Begins the work; returns the ticket to its live events. */
  async #execute(jobId: string): Promise<string | null> {
    if (!this.#todo) return null;
    const { status, ticket } = await begin(this.#deps.call, jobId, this.#todo, this.#controller.signal);
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
      if (this.#controller.signal.aborted) throw error;
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
    this.#following ??= followJob(this.#deps, jobId, this.store, ticket, listen, this.#controller.signal, onFirst);
    return this.#following;
  }
}

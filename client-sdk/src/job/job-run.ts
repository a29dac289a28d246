/** A job from what it is made of to its end: make it, bring the photos, begin the work, follow it. */
import { abortable, linkedController, throwIfAborted } from '../abort.ts';
import type { CreatedJob, CreateInput, Job } from '../api/jobs.ts';
import { isS3Error, type S3ErrorCode, withMore } from '../errors.ts';
import type { Procedures } from '../procedures.ts';
import { RUN_RETRIES } from '../retry.ts';
import { uniqueKey } from '../unique-key.ts';
import { type PreparedPhoto, preparePhotos, usablePhotos } from '../upload/files.ts';
import { fingerprint, matchFiles } from '../upload/fingerprint.ts';
import { createPausing, type Pausing } from '../upload/pausing.ts';
import { filesIn, type PhotoFiles } from '../upload/photo-file.ts';
import { createAttention } from './attention.ts';
import { withinBudget } from './budget.ts';
import { type Deferred, deferred, mailbox } from './deferred.ts';
import type { Files, From, JobDeps, Plan, There } from './deps.ts';
import { type EndedJob, follow } from './follow.ts';
import type { SavedJob } from './saved.ts';
import { JobStore } from './store.ts';
import type { Change, RunResult } from './types.ts';
import { undo } from './undo.ts';
import { createUploading, type Uploading } from './uploading.ts';
import { liveWatch } from './watching.ts';

/** The job waits as it is, for a time that the error tells: nothing is lost, and `attach` goes on with it. */
const WAITING: readonly S3ErrorCode[] = ['CEILING_REACHED', 'ALLOWANCE_EXHAUSTED', 'RATE_LIMITED'];

type Canceled = Procedures['jobs.cancel']['output'];

export class JobRun {
  readonly store: JobStore;
  readonly pausing: Pausing = createPausing();
  readonly ended: Promise<RunResult>;
  readonly #deps: JobDeps;
  readonly #outer: AbortSignal | undefined;
  readonly #controller: AbortController;
  readonly #attention = createAttention();
  readonly #uploading: Uploading;
  readonly #made: Deferred<string> = deferred();
  readonly #brought = mailbox<ReturnType<typeof filesIn>>();
  #todo: SavedJob | null;
  #creating: Promise<CreatedJob> | null = null;
  /** Whether its work has begun, or may have. */
  #executed = false;
  #canceling: Promise<unknown> | null = null;
  #stopped: { error: unknown; alsoThere: boolean } | null = null;

  constructor(deps: JobDeps, { source, change, maxCredits, signal }: Plan) {
    this.#deps = deps;
    this.#outer = signal;
    this.store = new JobStore('jobId' in source ? source.jobId : null);
    const { controller, release } = linkedController(signal);
    this.#controller = controller;
    const { pausing, store } = this;
    this.#uploading = createUploading(deps, store, pausing, this.#attention.listen, controller.signal);
    this.#todo = change && { names: [], prints: [], change, key: uniqueKey() };
    this.ended = this.#drive(source, maxCredits).finally(() => {
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

  async cancel(): Promise<Canceled> {
    const jobId = await this.#made.promise;
    const answer = this.#deps.call('jobs.cancel', { jobId });
    this.#canceling = answer.catch(() => {});
    this.#uploading.stop();
    const told = await answer;
    this.#attention.nudge();
    return told;
  }

  bring(files: PhotoFiles): void {
    this.#brought.put(filesIn(files));
  }

  /** Ends it on this side, with `error`. @param alsoThere whether the job is canceled as well, if its work has not begun */
  stop(error: unknown, alsoThere: boolean): void {
    this.#stopped ??= { error, alsoThere };
    this.#controller.abort();
  }

  get #signal(): AbortSignal {
    return this.#controller.signal;
  }

  async #drive(source: Plan['source'], maxCredits: number | undefined): Promise<RunResult> {
    try {
      throwIfAborted(this.#signal);
      const end = 'jobId' in source ? await this.#takeUp(source) : await this.#make(source, maxCredits);
      const result = this.store.ended(end);
      await this.#deps.saved.forget(result.jobId);
      return result;
    } catch (caught) {
      const error = withMore(this.#stopped === null ? caught : this.#stopped.error, { jobId: this.store.state.jobId });
      await this.#leave(error);
      throw error;
    }
  }

  async #leave(error: unknown): Promise<void> {
    this.#made.reject(error);
    const creating = this.#creating;
    const aborted = this.#outer?.aborted === true;
    const kept = this.#executed || (isS3Error(error) && WAITING.includes(error.code));
    if (creating !== null && (this.#stopped?.alsoThere ?? true) && (aborted || !kept)) {
      const undone = undo(creating, this.#deps);
      // Who aborts does not wait.
      if (!aborted) await undone;
    }
    this.store.failed(error);
  }

  async #make(source: Files | From, maxCredits: number | undefined): Promise<EndedJob> {
    const { call, saved, undoing } = this.#deps;
    const signal = this.#signal;
    let photos: readonly PreparedPhoto[] = [];
    if ('files' in source) {
      const prepared = await abortable(preparePhotos(source.files, source.onInvalid), signal);
      photos = prepared.photos;
      this.store.update({ refused: prepared.refused });
      this.store.photos(photos);
    } else this.store.named(source.names, source.fileIndexes);
    if (maxCredits !== undefined) await withinBudget(call, maxCredits, source, photos.length, signal);
    await abortable(Promise.all(undoing), signal);
    const prints = Promise.all(photos.map(fingerprint)).catch(() => []);
    // Not given the signal: once sent it may make a job, whose id is needed to cancel it.
    this.#creating = call('jobs.create', inputOf(source, photos));
    const { jobId, status, uploads } = await abortable(this.#creating, signal);
    this.store.update({ jobId, phase: 'uploading', status });
    if (this.#todo !== null) {
      // What a tab that is closed during the upload needs when it comes back.
      const { items, refused } = this.store.state;
      const files = { names: items.map(({ name }) => name), fileIndexes: items.map(({ fileIndex }) => fileIndex) };
      this.#todo = { ...this.#todo, ...files, refused, prints: await abortable(prints, signal) };
      await saved.keep(jobId, this.#todo);
    }
    this.#made.resolve(jobId);
    const ticket = await this.#unlessGone(async () => {
      if (uploads.length > 0) await this.#uploading.all(jobId, photos, uploads);
      return this.#canceling === null ? this.#execute(jobId) : null;
    });
    return this.#follow(jobId, ticket);
  }

  /** Follows a job that was begun before, and goes on with it as far as it is known what is to be done. */
  async #takeUp({ jobId, files }: There): Promise<EndedJob> {
    this.#executed = true;
    const known = await this.#deps.saved.find(jobId);
    if (known !== null) {
      this.#todo = this.#todo === null ? known : { ...known, change: this.#todo.change };
      this.store.named(known.names, known.fileIndexes ?? known.prints.map((_, idx) => idx));
      this.store.update({ refused: known.refused ?? [] });
    }
    this.#made.resolve(jobId);
    if (files !== undefined) this.bring(files);
    const first = deferred<Job>();
    const end = this.#follow(jobId, null, first.resolve);
    const goingOn = first.promise.then(({ status }) => {
      const todo = this.#todo;
      if (todo === null || (status !== 'created' && status !== 'uploaded')) return null;
      return this.#unlessGone(() => this.#goOn(jobId, todo));
    });
    return Promise.race([end, goingOn.then(() => end)]);
  }

  /** Brings what the storage lacks, in as many rounds of picking as it takes, and begins the work. */
  async #goOn(jobId: string, { prints }: SavedJob): Promise<null> {
    const uploading = this.#uploading;
    for (let open = await uploading.missing(jobId); open.length > 0; open = await uploading.missing(jobId)) {
      let mine: PreparedPhoto[] = [];
      while (mine.length === 0) {
        this.store.missing(open);
        const picked = await usablePhotos(await abortable(this.#brought.take(), this.#signal));
        // Without fingerprints the files are taken to be those of the beginning, in their order.
        const placed = prints.length > 0 ? await matchFiles(prints, picked) : picked;
        const { items } = this.store.state;
        mine = placed
          .filter(({ index }) => open.includes(index))
          .map((photo) => ({ ...photo, fileIndex: items[photo.index]?.fileIndex ?? photo.fileIndex }));
      }
      this.store.photos(mine);
      this.store.missing(open.filter((idx) => !mine.some(({ index }) => index === idx)));
      await uploading.some(jobId, mine);
    }
    this.store.missing([]);
    await this.#execute(jobId);
    this.#attention.nudge();
    return null;
  }

  /** Begins the work; returns the ticket to its live events. */
  async #execute(jobId: string): Promise<string | null> {
    if (this.#todo === null) return null;
    const { change, key } = this.#todo;
    const input = { ...change, jobId, idempotencyKey: key } as Procedures['jobs.execute']['input'];
    const options = { signal: this.#signal, maxRetries: RUN_RETRIES };
    const { status, ticket } = await this.#deps.call('jobs.execute', input, options);
    this.#executed = true;
    this.store.status(status);
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
      if (this.#canceling === null) throw error;
      await this.#canceling;
      return null;
    }
  }

  #follow(jobId: string, ticket: string | null, onFirst: (job: Job) => void = () => {}): Promise<EndedJob> {
    const { store } = this;
    const { call, clock } = this.#deps;
    const signal = this.#signal;
    const attention = this.#attention.listen;
    const deps = {
      get: () => call('jobs.get', { jobId }, { signal, maxRetries: 0 }),
      watch: liveWatch(this.#deps, jobId, store, attention, signal),
      clock,
      attention,
      onJob(job: Job) {
        store.job(job);
        onFirst(job);
      },
      onConnection: (connection: JobStore['state']['connection']) => store.update({ connection }),
      signal,
    };
    return follow(deps, ticket);
  }
}

const inputOf = (source: Files | From, photos: readonly PreparedPhoto[]): CreateInput =>
  'files' in source
    ? { preset: source.preset, photos: photos.map(({ contentType, bytes }) => ({ contentType, bytes })) }
    : { from: source.from };

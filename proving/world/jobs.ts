/** The builder: takes a job to any stage of its life, by what a client and a GPU worker do, in whichever world. */
import type { DispatchMessage } from '../../server/src/contract/gpu-message.ts';
import { inputKey, type JobRef } from '../../server/src/domain/keys.ts';
import { bodyOf, failedItem, PICTURE, resultOf } from './gpu.ts';

export type Owner = { userId: string; token: string };
export type Upload = { idx: number; url: string; headers: Record<string, string> };
export type Job<O extends Owner = Owner> = JobRef & { owner: O; photos: number; uploads: Upload[]; key?: string };
/** A job that the provider has: `token` is good for its callback. */
export type Running<O extends Owner = Owner> = Job<O> & { dispatch: DispatchMessage; token: string };

/** What is to lie in storage, by its key and by the URL that was signed for it. */
export type Put = { key: string; url: string; headers: Record<string, string>; body: Uint8Array };

/** What a world does for the builder. */
export interface Backend<O extends Owner, R extends { status: number }> {
  /** Calls a mutation as that user. Throws when it is refused. */
  call(owner: O, procedure: string, input: unknown): Promise<unknown>;
  put(objects: Put[]): Promise<void>;
  /** What the provider was sent, once the job's message has come to it and been taken. */
  dispatched(jobId: string): Promise<DispatchMessage>;
  callback(jobId: string, body: string | Uint8Array, headers: Record<string, string>): Promise<R>;
  /** Does it while R2 tells nobody what lies there; only some worlds can. */
  blind?<T>(work: () => Promise<T>): Promise<T>;
}

export type How = {
  /** The bytes of each photo. */
  photo?: Uint8Array;
  /** The job that it is made from, and which of its photos. */
  from?: { jobId: string; indexes?: number[] };
  /** Under which its creation, and its execution, may be repeated. */
  key?: string;
  /** What is asked for when it is executed, besides what is to be changed. */
  asked?: object;
};

/** The steps to each stage. One more stage is one more line, and a method for what it takes. */
const WAYS = {
  created: [],
  uploaded: ['upload'],
  queued: ['upload', 'execute'],
  running: ['upload', 'execute', 'dispatched'],
  closing: ['upload', 'execute', 'dispatched', 'close'],
  done: ['upload', 'execute', 'dispatched', 'finish'],
  failed: ['upload', 'execute', 'dispatched', 'fail'],
  canceled: ['upload', 'execute', 'cancel'],
  deleted: ['upload', 'execute', 'dispatched', 'finish', 'remove'],
} as const satisfies Record<string, readonly (keyof Steps)[]>;
export type Stage = keyof typeof WAYS;
type Steps = Record<'upload' | 'execute' | 'dispatched' | 'close' | 'finish' | 'fail' | 'cancel' | 'remove', unknown>;
export const STAGES = Object.keys(WAYS) as Stage[];
/** What is known of a job at that stage. */
type At<S extends Stage, O extends Owner> = S extends 'running' | 'closing' | 'done' | 'failed' | 'deleted'
  ? Running<O>
  : Job<O>;

export class Jobs<O extends Owner, R extends { status: number }> {
  readonly #backend: Backend<O, R>;
  readonly #photo: Uint8Array;
  readonly #choice: object;

  /** @param photo the bytes of a photo @param choice what is asked to be done with each, unless told otherwise */
  constructor(backend: Backend<O, R>, photo: Uint8Array, choice: object) {
    this.#backend = backend;
    this.#photo = photo;
    this.#choice = choice;
  }

  async at<S extends Stage>(stage: S, owner: O, photos = 2, how: How = {}): Promise<At<S, O>> {
    const { photo = this.#photo } = how;
    let job: Job<O> | Running<O> = await this.#create(owner, photos, photo, how);
    for (const step of WAYS[stage]) {
      if (step === 'upload') await this.upload(job, photo);
      else if (step === 'execute') await this.execute(job, how.asked);
      else if (step === 'dispatched') job = await this.dispatched(job);
      else if (step === 'finish' || step === 'fail' || step === 'close') await this[step](job as Running<O>);
      else await this.#call(job, step === 'cancel' ? 'jobs.cancel' : 'jobs.delete');
    }
    return job as At<S, O>;
  }

  /** Puts the photos where the signed URLs tell, and confirms them. A job made from another's photos has none to wait for. */
  async upload(job: Job<O>, photo = this.#photo): Promise<void> {
    if (job.uploads.length === 0) return;
    await this.putPhotos(job, job.uploads, photo);
    await this.#call(job, 'jobs.confirmUpload');
  }

  putPhotos(job: JobRef, uploads: Upload[], photo = this.#photo): Promise<void> {
    return this.#backend.put(
      uploads.map(({ idx, url, headers }) => ({ key: inputKey(job, idx), url, headers, body: photo })),
    );
  }

  /** @param more what is asked for besides */
  execute(job: Job<O>, more: object = {}): Promise<unknown> {
    return this.#call(job, 'jobs.execute', { ...this.#choice, ...keyed(job.key && `${job.key}-execute`), ...more });
  }

  /** The job once the provider has it. */
  async dispatched(job: Job<O>): Promise<Running<O>> {
    const dispatch = await this.#backend.dispatched(job.jobId);
    return { ...job, dispatch, token: dispatch.callback_token };
  }

  /** What a GPU worker does when photos are ready: results, and previews, are put where the dispatch tells. */
  putResults({ dispatch }: Pick<Running, 'dispatch'>, indexes: readonly number[], picture = PICTURE): Promise<void> {
    const items = dispatch.items.filter(({ idx }) => indexes.includes(idx));
    if (items.length !== indexes.length) throw new Error(`not every photo of ${indexes} was dispatched`);
    return this.#backend.put(
      items.flatMap(({ output_key, output_url, preview_key, preview_url }) => [
        {
          key: output_key,
          url: output_url,
          headers: { 'content-type': dispatch.output_type ?? 'image/png' },
          body: picture,
        },
        { key: preview_key, url: preview_url, headers: { 'content-type': 'image/jpeg' }, body: picture },
      ]),
    );
  }

  /** Writes these results and reports them in one callback; all of them unless told. */
  async finish(job: Running<O>, indexes = job.dispatch.items.map(({ idx }) => idx)): Promise<R> {
    await this.putResults(job, indexes);
    return this.report(job, bodyOf(doneOf(job, indexes), true));
  }

  /** Every photo is reported, and what lies there of them is still to be looked for. */
  async close(job: Running<O>): Promise<R> {
    if (this.#backend.blind === undefined) throw new Error('nobody can hide what lies in R2 here');
    return this.#backend.blind(() => this.finish(job));
  }

  fail(job: Running<O>): Promise<R> {
    return this.report(job, { items: job.dispatch.items.map(({ idx }) => failedItem(idx)) });
  }

  /** A callback with the job's own token, or whatever `headers` say instead. */
  report(job: { jobId: string; token?: string }, body: unknown, headers?: Record<string, string>): Promise<R> {
    const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    return this.#backend.callback(job.jobId, text, headers ?? { authorization: `Bearer ${job.token ?? ''}` });
  }

  async #create(owner: O, photos: number, photo: Uint8Array, { from, key }: How): Promise<Job<O>> {
    const described = { contentType: 'image/jpeg', bytes: photo.length };
    const fresh = { preset: 'interior', photos: Array.from({ length: photos }, () => described) };
    const input = { ...(from === undefined ? fresh : { from }), ...keyed(key) };
    const made = await this.#backend.call(owner, 'jobs.create', input);
    const { jobId, uploads } = made as { jobId: string; uploads: Upload[] };
    return { owner, userId: owner.userId, jobId, photos, uploads, ...(key === undefined ? {} : { key }) };
  }

  #call({ owner, jobId }: Job<O>, procedure: string, more: object = {}): Promise<unknown> {
    return this.#backend.call(owner, procedure, { jobId, ...more });
  }
}

const keyed = (key: string | undefined) => (key === undefined ? {} : { idempotencyKey: key });

/** What is said of photos that came out well. */
export const doneOf = ({ dispatch }: Pick<Running, 'dispatch'>, indexes: readonly number[]) =>
  dispatch.items
    .filter(({ idx }) => indexes.includes(idx))
    .map((item) => resultOf(item, { status: 'done', attempt: dispatch.attempt, error: '', preview: true }));

/** When a signed URL ends, milliseconds since the Unix epoch. */
export function expiryOf(url: string): number {
  const { searchParams } = new URL(url);
  const signedAt = (searchParams.get('X-Amz-Date') ?? '').replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  );
  return Date.parse(signedAt) + Number(searchParams.get('X-Amz-Expires')) * 1000;
}

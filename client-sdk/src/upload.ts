/** Sending the photos to their presigned URLs: six at a time, each until it is there. */
import { linkedController, throwIfAborted } from './abort.ts';
import type { Upload } from './api/jobs.ts';
import type { Clock } from './clock.ts';
import { messageOf } from './error-mapping.ts';
import { isPassing, isS3Error, networkError } from './errors.ts';
import type { PreparedPhoto } from './files.ts';
import { retrying, UPLOAD_RETRY } from './retry.ts';
import type { Fetch } from './wire.ts';

const PARALLEL = 6;
/** Milliseconds that one PUT may take: 25 MB at 350 kbit/s. */
const PUT_MS = 10 * 60_000;
/** Fresh URLs that one photo gets before its 403 is taken to mean something else than expiry. */
const MAX_RENEWALS = 2;
/** A `Retry-After` is kept up to this many milliseconds. */
const LONGEST_ASKED_WAIT = 30_000;
/** Headers that `fetch` derives from the body and the URL. Scripts in browsers must not set them. */
const IMPLIED_HEADERS = new Set(['content-length', 'host']);

export interface UploadDeps {
  fetch: Fetch;
  clock: Clock;
  /** Fresh URLs for these photos. */
  renew(indexes: number[], signal: AbortSignal): Promise<Upload[]>;
  /** Called once for each photo that is there. */
  onUploaded(photo: PreparedPhoto): void;
}

/** Uploads the photos that `uploads` names. Throws the first NETWORK_ERROR that lasts, and stops the others. */
export async function uploadPhotos(
  photos: readonly PreparedPhoto[],
  uploads: readonly Upload[],
  deps: UploadDeps,
  signal?: AbortSignal,
): Promise<void> {
  const { controller, release } = linkedController(signal);
  const urls = new UploadUrls(uploads, deps, controller.signal);
  const waiting = uploads.map(({ idx }) => idx);
  const worker = async (): Promise<void> => {
    for (let idx = waiting.shift(); idx !== undefined; idx = waiting.shift()) {
      const photo = photos[idx];
      if (photo === undefined) throw networkError(`The server named photo ${idx}, which was not announced`);
      await uploadOne(photo, urls, deps, controller.signal);
      urls.arrived(idx);
      deps.onUploaded(photo);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(PARALLEL, waiting.length) }, worker));
  } finally {
    controller.abort();
    release();
  }
}

/** The current URL of each photo that is not there yet. One renewal serves all: they were signed together and expire together. */
class UploadUrls {
  readonly #current: Map<number, Upload>;
  readonly #deps: UploadDeps;
  readonly #signal: AbortSignal;
  #renewal: Promise<void> | null = null;

  constructor(uploads: readonly Upload[], deps: UploadDeps, signal: AbortSignal) {
    this.#current = new Map(uploads.map((upload) => [upload.idx, upload]));
    this.#deps = deps;
    this.#signal = signal;
  }

  of(idx: number): Upload {
    return this.#current.get(idx)!;
  }

  arrived(idx: number): void {
    this.#current.delete(idx);
  }

  /** Sees to it that `of(idx)` is newer than `refused`. */
  async replace(refused: Upload): Promise<void> {
    if (this.of(refused.idx) !== refused) return;
    this.#renewal ??= this.#renewAll().finally(() => {
      this.#renewal = null;
    });
    await this.#renewal;
  }

  async #renewAll(): Promise<void> {
    const fresh = await this.#deps.renew([...this.#current.keys()], this.#signal);
    for (const upload of fresh) if (this.#current.has(upload.idx)) this.#current.set(upload.idx, upload);
  }
}

async function uploadOne(photo: PreparedPhoto, urls: UploadUrls, deps: UploadDeps, signal: AbortSignal): Promise<void> {
  for (let renewals = 0; ; renewals++) {
    const upload = urls.of(photo.index);
    const last = renewals >= MAX_RENEWALS;
    const outcome = await retrying(
      () => put(photo, upload, deps.fetch, signal),
      (error) => isS3Error(error, 'NETWORK_ERROR') && error.retryable && askedWait(error.cause),
      UPLOAD_RETRY,
      deps.clock,
      signal,
    );
    if (outcome === 'there') return;
    if (last) throw refused(photo, 403);
    await urls.replace(upload);
  }
}

/** One PUT. `there` as well if the photo was there already, which is how a lost answer shows. */
async function put(
  photo: PreparedPhoto,
  upload: Upload,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<'there' | 'expired'> {
  const { controller, release } = linkedController(signal, PUT_MS);
  let response: Response;
  try {
    response = await fetch(upload.url, {
      method: 'PUT',
      headers: Object.entries(upload.headers).filter(([name]) => !IMPLIED_HEADERS.has(name.toLowerCase())),
      body: photo.body,
      signal: controller.signal,
    });
    // Read to the end, so that the connection can be used again.
    await response.arrayBuffer();
  } catch (error) {
    throwIfAborted(signal);
    throw networkError(`${photo.name} could not be uploaded: ${messageOf(error)}`, {
      file: fileOf(photo),
      cause: error,
    });
  } finally {
    release();
  }
  if (response.ok || response.status === 412) return 'there';
  if (response.status === 403) return 'expired';
  throw refused(photo, response.status, response.headers.get('retry-after'));
}

const fileOf = ({ index, name }: PreparedPhoto) => ({ index, name });

/** What the storage asked for with `Retry-After`, carried as the error's cause. */
type AskedWait = { waitMs: number };

function refused(photo: PreparedPhoto, status: number, retryAfter: string | null = null) {
  const seconds = Number(retryAfter ?? 0);
  const cause: AskedWait = { waitMs: Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : 0 };
  const why = isPassing(status) ? 'is not available' : 'refused it';
  return networkError(`${photo.name} could not be uploaded: storage ${why} (HTTP ${status})`, {
    status,
    file: fileOf(photo),
    cause,
  });
}

function askedWait(cause: unknown): number {
  const waitMs = (cause as Partial<AskedWait> | undefined)?.waitMs ?? 0;
  return Math.min(waitMs, LONGEST_ASKED_WAIT);
}

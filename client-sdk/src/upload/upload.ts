/** Sending the photos to their presigned URLs: as many at a time as the line takes, each until it is there. */
import { abortable, linkedSignal, onAbort, throwIfAborted } from '../abort.ts';
import { forbidden, hasAnswered, watchPolicy } from '../blocked.ts';
import type { Clock } from '../clock.ts';
import { type InvalidFile, isControlFlow, isS3Error, networkError, type S3Error } from '../errors.ts';
import type { Upload } from '../generated/types.ts';
import { type Attention, isOffline, nextCall } from '../job/attention.ts';
import { RUN_RETRIES, retrying, UPLOAD_RETRY } from '../retry.ts';
import { messageOf } from '../wire/error.ts';
import { readBytes } from './bytes.ts';
import { changedFile, type PreparedPhoto, unusable } from './files.ts';
import { createLine } from './line.ts';
import type { Pausing } from './pausing.ts';
import type { Put, PutAnswer } from './put.ts';

/** Milliseconds in which nothing leaves and nothing is answered, after which a PUT is given up. */
const STALL_MS = 60_000;
/** Bytes a millisecond that are waited for where they are not told as they leave. */
const SLOWEST = 5;
/** Fresh URLs that one photo gets before its 403 is taken to mean something else than expiry. */
const MAX_RENEWALS = 2;
/** A URL is not used in its last milliseconds: its PUT would arrive too late. */
const NEARLY_EXPIRED = 5_000;
/** What names the pages that may upload. */
const CORS_RULE = "the bucket's CORS rule (PUT, content-type, if-none-match)";
/** A `Retry-After` is kept up to this many seconds. */
const LONGEST_ASKED_WAIT = 30;

export interface UploadDeps {
  put: Put;
  clock: Clock;
  pausing: Pausing;
  attention: Attention;
  /** Fresh URLs for these photos. */
  renew(indexes: number[], maxRetries: number): Promise<Upload[]>;
  /** Bytes of this photo that are sent in its present try; 0 again when a try has failed. `complete`: it is there, which is told once. */
  onBytes(photo: PreparedPhoto, sent: number, complete?: boolean): void;
  /** Called once for each file that can't be read any more, as soon as that shows. */
  onChanged(photo: PreparedPhoto, file: InvalidFile): void;
}

/**
 * Uploads those `photos` that `uploads` names. Throws the first NETWORK_ERROR that lasts, and stops the others. Files that were changed or
 * removed stop nothing: INVALID_FILE names them once the others are there.
 */
export async function uploadPhotos(
  photos: readonly PreparedPhoto[],
  uploads: readonly Upload[],
  deps: UploadDeps,
  signal?: AbortSignal,
): Promise<void> {
  const [going, end] = linkedSignal(signal);
  const urls = createUrls(uploads, deps);
  const waiting = uploads.flatMap(({ idx }) => photos.find(({ index }) => index === idx) ?? []);
  const line = createLine(deps.clock, deps.put.counts === true);
  const changed: InvalidFile[] = [];
  const one = async (photo: PreparedPhoto, onMoved: () => void): Promise<void> => {
    let before = 0;
    const onBytes = (_: PreparedPhoto, sent: number) => {
      line.moved(sent - before, photo.bytes);
      before = sent;
      deps.onBytes(photo, sent);
      onMoved();
    };
    try {
      await uploadOne(photo, urls, { ...deps, onBytes }, going);
      line.arrived();
      deps.onBytes(photo, photo.bytes, true);
    } catch (error) {
      if (!isS3Error(error, 'INVALID_FILE')) throw error;
      changed.push(...error.data.files);
      for (const file of error.data.files) deps.onChanged(photo, file);
    }
    urls.arrived(photo.index);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      let under = 0;
      const fill = (): void => {
        for (; under < line.width && waiting.length > 0; under++) {
          const photo = waiting.shift() as PreparedPhoto;
          const moved = () => {
            fill();
            // Asking for URLs also has the job wait for its photos, of which one alone may take longer than it would.
            urls.of(photo.index).catch((error) => error.retryable || reject(error));
          };
          one(photo, moved).then(() => {
            under -= 1;
            fill();
          }, reject);
        }
        if (under === 0) resolve();
      };
      fill();
    });
  } finally {
    end();
  }
  if (changed.length > 0) throw unusable(changed);
}

interface Urls {
  /** One that is good for a while. */
  of(idx: number): Promise<Upload>;
  arrived(idx: number): void;
  /** Sees to it that `of` gives a newer one. */
  refuse(upload: Upload): void;
  /** Sees to it that `of` gives a newer one if the server can be reached; else it is as good as before. */
  doubt(upload: Upload): void;
}

/** The URL of each photo that is not there yet. One renewal serves all: they were signed together and expire together. */
function createUrls(uploads: readonly Upload[], { renew, clock }: UploadDeps): Urls {
  const current = new Map(uploads.map((upload) => [upload.idx, upload]));
  /** Those that are not to be used again; true: for certain. */
  const spoilt = new Map<Upload, boolean>();
  let renewal: Promise<void> | null = null;
  /** A clock that calls fresh URLs expired is wrong: then only the storage knows. */
  let clockIsWrong = false;
  const expires = ({ expiresAt }: Upload): boolean =>
    !clockIsWrong && expiresAt.getTime() - clock.now() <= NEARLY_EXPIRED;
  const renewAll = async (maxRetries: number): Promise<void> => {
    for (const upload of await renew([...current.keys()], maxRetries)) {
      clockIsWrong ||= upload.expiresAt.getTime() <= clock.now();
      if (current.has(upload.idx)) current.set(upload.idx, upload);
    }
  };
  return {
    async of(idx) {
      const upload = current.get(idx) as Upload;
      const ended = spoilt.get(upload) || expires(upload);
      if (!ended && !spoilt.has(upload)) return upload;
      renewal ??= renewAll(ended ? RUN_RETRIES : 0).finally(() => {
        renewal = null;
      });
      await renewal.catch((error) => {
        if (ended || !isS3Error(error) || !error.retryable) throw error;
      });
      return current.get(idx) as Upload;
    },
    arrived: (idx) => void current.delete(idx),
    refuse: (upload) => void spoilt.set(upload, true),
    doubt: (upload) => void spoilt.set(upload, false),
  };
}

async function uploadOne(photo: PreparedPhoto, urls: Urls, deps: UploadDeps, signal: AbortSignal): Promise<void> {
  let doubted = false;
  for (let refusals = 0; ; refusals++) {
    const { outcome, upload } = await retrying(
      async () => {
        await abortable(deps.pausing.running(), signal);
        // Without a network every try fails: they are saved for when there is one.
        while (isOffline()) await nextCall(deps.attention, signal);
        // Only now, since a URL may end while nothing can be sent.
        const good = await urls.of(photo.index);
        try {
          return { outcome: await put(photo, good, deps, signal), upload: good };
        } catch (error) {
          // R2 refuses without CORS headers: a page is told no more of a dead URL than of a broken line. So it may be either, once.
          if (!doubted && unanswered(error) && !isOffline()) {
            doubted = true;
            urls.doubt(good);
          }
          throw error;
        }
      },
      (error) =>
        isS3Error(error, 'NETWORK_ERROR') &&
        error.retryable &&
        Math.min(error.retryAfter ?? 0, LONGEST_ASKED_WAIT) * 1000,
      UPLOAD_RETRY,
      deps.clock,
      signal,
    );
    if (outcome === 'there') return;
    if (outcome === 'paused') {
      refusals -= 1;
      // It may last, and the URL end meanwhile.
      doubted = false;
    } else if (refusals >= MAX_RENEWALS) throw failure(photo, 'storage refused it (HTTP 403)', { status: 403 });
    else urls.refuse(upload);
  }
}

/** One PUT. `there` as well if the photo was there already, which is how a lost answer shows. */
async function put(
  photo: PreparedPhoto,
  upload: Upload,
  deps: UploadDeps,
  signal: AbortSignal,
): Promise<'there' | 'expired' | 'paused'> {
  const { counts } = deps.put;
  const [sending, end, release, alive] = linkedSignal(signal, STALL_MS + (counts ? 0 : photo.bytes / SLOWEST));
  watchPolicy();
  const pause = deps.pausing.signal;
  const forgetPause = onAbort(pause, end);
  const forget = () => deps.onBytes(photo, 0);
  let answer: PutAnswer;
  let most = 0;
  try {
    const onBytes = (sent: number) => {
      most = Math.max(most, sent);
      if (counts) alive();
      // A body as it is sent may be larger than the photo by what wraps it.
      if (!sending.aborted) deps.onBytes(photo, Math.min(sent, photo.bytes));
    };
    answer = await abortable(deps.put(upload.url, upload.headers, photo.body, onBytes, sending), sending);
  } catch (error) {
    forget();
    throwIfAborted(signal);
    if (pause.aborted) return 'paused';
    if (isControlFlow(error)) throw error;
    if (!(await isReadable(photo))) throw unusable([await changedFile(photo)]);
    // Of what is forbidden not a byte leaves.
    const why = most === 0 && !sending.aborted ? await forbidden(upload.url, CORS_RULE) : null;
    const cause: unknown = sending.reason ?? error;
    throw failure(photo, why ?? messageOf(cause), { cause, ...(why && { retryable: false }) });
  } finally {
    forgetPause();
    release();
  }
  hasAnswered(upload.url);
  const { status, again, retryAfter } = answer;
  if (!again && ((status >= 200 && status < 300) || status === 412)) return 'there';
  forget();
  if (!again && status === 403) return 'expired';
  const told = again ? `HTTP ${status}, try again` : `storage answered HTTP ${status}`;
  throw failure(photo, told, { status, retryAfter, retryable: again });
}

const unanswered = (error: unknown): boolean => isS3Error(error, 'NETWORK_ERROR') && error.status === null;

/** A line that breaks and a file that is not there any more look the same: only reading tells. */
async function isReadable({ body, bytes }: PreparedPhoto): Promise<boolean> {
  try {
    return (await readBytes(body, bytes - 1, bytes)).byteLength === 1;
  } catch {
    return false;
  }
}

const failure = (
  { fileIndex, name }: PreparedPhoto,
  why: string,
  rest: { status?: number; retryAfter?: string | null; retryable?: boolean | undefined; cause?: unknown },
): S3Error<'NETWORK_ERROR'> =>
  networkError(`${name} could not be uploaded: ${why}`, { ...rest, file: { index: fileIndex, name } });

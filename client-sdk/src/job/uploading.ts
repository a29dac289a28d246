/** A job's photos on their way to the storage, until the server says that it has them all. */
import { linkedSignal } from '../abort.ts';
import { type InvalidFile, isS3Error, type S3Error } from '../errors.ts';
import type { Upload } from '../generated/types.ts';
import { RUN_RETRIES } from '../retry.ts';
import type { PreparedPhoto } from '../upload/files.ts';
import type { Pausing } from '../upload/pausing.ts';
import { uploadPhotos } from '../upload/upload.ts';
import type { Attention } from './attention.ts';
import type { JobDeps } from './deps.ts';
import { type JobStore, jobIdIn } from './store.ts';

/** Times that photos which `confirmUpload` misses are sent again. */
const MAX_REUPLOADS = 2;

export interface Uploading {
  /**
   * Sends `photos` where `uploads` says, then whatever is missing again. With null for those it asks first what is missing.
   * Throws UPLOAD_INCOMPLETE and NETWORK_ERROR.
   */
  all(photos: readonly PreparedPhoto[], uploads: readonly Upload[] | null): Promise<void>;
  /** Sends `photos`, and asks nothing. */
  some(photos: readonly PreparedPhoto[]): Promise<void>;
  /** Photos that the server does not have. None: it has them all, and knows. */
  missing(): Promise<number[]>;
  /** Ends what is under way, and nothing else of the job. */
  stop(): void;
}

export function createUploading(
  { call, put, clock }: JobDeps,
  store: JobStore,
  pausing: Pausing,
  attention: Attention,
  outer: AbortSignal,
): Uploading {
  const [signal, end] = linkedSignal(outer);
  const options = { signal, maxRetries: RUN_RETRIES };

  const renew = async (indexes: number[], maxRetries = RUN_RETRIES): Promise<Upload[]> =>
    (await call('jobs.renewUploads', { jobId: jobIdIn(store), indexes }, { signal, maxRetries })).uploads;

  const send = (photos: readonly PreparedPhoto[], uploads: readonly Upload[]): Promise<void> => {
    const deps = {
      put,
      clock,
      pausing,
      attention,
      renew,
      onBytes: ({ index }: PreparedPhoto, sent: number, complete?: boolean) => store.sent(index, sent, complete),
      onChanged({ index }: PreparedPhoto, file: InvalidFile) {
        const { missing = [], unmatched = [] } = store.state.waiting ?? {};
        store.update({ waiting: { for: 'files', missing: [...missing, index], unmatched: [...unmatched, file] } });
      },
    };
    return uploadPhotos(photos, uploads, deps, signal);
  };

  const confirm = async (): Promise<S3Error<'UPLOAD_INCOMPLETE'> | null> => {
    try {
      await call('jobs.confirmUpload', { jobId: jobIdIn(store) }, options);
      return null;
    } catch (error) {
      if (isS3Error(error, 'UPLOAD_INCOMPLETE')) return error;
      throw error;
    }
  };

  return {
    async all(photos, uploads) {
      let open = uploads;
      for (let again = 0; ; again++) {
        if (open) await send(photos, open);
        const left = await confirm();
        if (!left) return;
        if (again >= MAX_REUPLOADS) throw left;
        const lacking = indexesIn(left);
        store.arrivedBut(lacking);
        open = await renew(lacking);
      }
    },
    async some(photos) {
      await send(photos, await renew(photos.map(({ index }) => index)));
    },
    async missing() {
      const left = await confirm();
      return left ? indexesIn(left) : [];
    },
    stop: () => end(),
  };
}

const indexesIn = ({ data }: S3Error<'UPLOAD_INCOMPLETE'>): number[] => [
  ...data.missing,
  ...data.wrong.map(({ idx }) => idx),
];

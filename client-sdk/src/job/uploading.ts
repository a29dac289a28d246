/** A job's photos on their way to the storage, until the server says that it has them all. */
import { linkedController } from '../abort.ts';
import { type InvalidFile, isS3Error, type S3Error } from '../errors.ts';
import type { Upload } from '../generated/types.ts';
import { RUN_RETRIES } from '../retry.ts';
import type { PreparedPhoto } from '../upload/files.ts';
import type { Pausing } from '../upload/pausing.ts';
import { uploadPhotos } from '../upload/upload.ts';
import type { Attention } from './attention.ts';
import type { JobDeps } from './deps.ts';
import type { JobStore } from './store.ts';

/** Times that photos which `confirmUpload` misses are sent again. */
const MAX_REUPLOADS = 2;

export interface Uploading {
  /**
   * Sends `photos` where `uploads` says, then whatever is missing again. With null for those it asks first what is missing.
   * Throws UPLOAD_INCOMPLETE and NETWORK_ERROR.
   */
  all(jobId: string, photos: readonly PreparedPhoto[], uploads: readonly Upload[] | null): Promise<void>;
  /** Sends `photos`, and asks nothing. */
  some(jobId: string, photos: readonly PreparedPhoto[]): Promise<void>;
  /** Photos that the server does not have. None: it has them all, and knows. */
  missing(jobId: string): Promise<number[]>;
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
  const [controller] = linkedController(outer);
  const { signal } = controller;
  const options = { signal, maxRetries: RUN_RETRIES };

  const renew = async (jobId: string, indexes: number[], maxRetries = RUN_RETRIES): Promise<Upload[]> =>
    (await call('jobs.renewUploads', { jobId, indexes }, { signal, maxRetries })).uploads;

  const send = (jobId: string, photos: readonly PreparedPhoto[], uploads: readonly Upload[]): Promise<void> => {
    const deps = {
      put,
      clock,
      pausing,
      attention,
      renew: (indexes: number[], maxRetries: number) => renew(jobId, indexes, maxRetries),
      onBytes: ({ index }: PreparedPhoto, sent: number) => store.sent(index, sent, false),
      onUploaded: ({ index, bytes }: PreparedPhoto) => store.sent(index, bytes, true),
      onChanged({ index }: PreparedPhoto, file: InvalidFile) {
        const { missing = [], unmatched = [] } = store.state.waiting ?? {};
        store.update({ waiting: { for: 'files', missing: [...missing, index], unmatched: [...unmatched, file] } });
      },
    };
    return uploadPhotos(photos, uploads, deps, signal);
  };

  const confirm = async (jobId: string): Promise<S3Error<'UPLOAD_INCOMPLETE'> | null> => {
    try {
      await call('jobs.confirmUpload', { jobId }, options);
      return null;
    } catch (error) {
      if (isS3Error(error, 'UPLOAD_INCOMPLETE')) return error;
      throw error;
    }
  };

  return {
    async all(jobId, photos, uploads) {
      let open = uploads;
      for (let again = 0; ; again++) {
        if (open) await send(jobId, photos, open);
        const left = await confirm(jobId);
        if (!left) return;
        if (again >= MAX_REUPLOADS) throw left;
        const lacking = indexesIn(left);
        store.arrivedBut(lacking);
        open = await renew(jobId, lacking);
      }
    },
    async some(jobId, photos) {
      const uploads = await renew(
        jobId,
        photos.map(({ index }) => index),
      );
      await send(jobId, photos, uploads);
    },
    async missing(jobId) {
      const left = await confirm(jobId);
      return left ? indexesIn(left) : [];
    },
    stop: () => controller.abort(),
  };
}

const indexesIn = ({ data }: S3Error<'UPLOAD_INCOMPLETE'>): number[] => [
  ...data.missing,
  ...data.wrong.map(({ idx }) => idx),
];

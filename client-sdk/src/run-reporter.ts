/** Turns what happens in a run into its progress and item events: each photo is told of once. */
import type { CreatedJob, Job, JobItem } from './api/jobs.ts';
import type { PreparedPhoto } from './files.ts';
import { hasEnded } from './poll.ts';
import type { RunItem, RunProgress } from './run-types.ts';

export class RunReporter {
  readonly #photos: readonly PreparedPhoto[];
  readonly #onProgress: ((progress: RunProgress) => void) | undefined;
  readonly #onItem: ((item: RunItem) => void) | undefined;
  readonly #uploaded = new Set<number>();
  readonly #told = new Set<number>();
  #now: RunProgress;
  #lastSent = '';

  constructor(
    created: CreatedJob,
    photos: readonly PreparedPhoto[],
    onProgress?: (progress: RunProgress) => void,
    onItem?: (item: RunItem) => void,
  ) {
    this.#photos = photos;
    this.#onProgress = onProgress;
    this.#onItem = onItem;
    this.#now = {
      phase: 'uploading',
      jobId: created.jobId,
      status: created.status,
      uploaded: 0,
      uploadedBytes: 0,
      totalBytes: photos.reduce((sum, { bytes }) => sum + bytes, 0),
      done: 0,
      failed: 0,
      total: photos.length,
    };
    this.#send();
  }

  /** A photo is there. One that was sent again counts once. */
  uploaded(photo: PreparedPhoto): void {
    if (this.#uploaded.has(photo.index)) return;
    this.#uploaded.add(photo.index);
    this.#now.uploaded += 1;
    this.#now.uploadedBytes += photo.bytes;
    this.#send();
  }

  /** The server has told how the job stands. */
  answered(job: Job): void {
    for (const item of job.items) {
      if (item.status === 'pending' || this.#told.has(item.idx)) continue;
      this.#told.add(item.idx);
      this.#onItem?.(this.#named(item));
    }
    const { done, failed } = job.progress;
    this.#now = { ...this.#now, phase: hasEnded(job) ? 'ended' : 'processing', status: job.status, done, failed };
    this.#send();
  }

  /** The job's photos with the names of the caller's files. */
  items(job: Job): RunItem[] {
    return job.items.map((item) => this.#named(item));
  }

  #named({ idx, status, resultUrl, previewUrl, error }: JobItem): RunItem {
    return {
      idx,
      name: this.#photos[idx]?.name ?? `photo-${idx + 1}`,
      status,
      ...(resultUrl !== undefined && { resultUrl }),
      ...(previewUrl !== undefined && { previewUrl }),
      ...(error !== undefined && { error }),
    };
  }

  #send(): void {
    const text = JSON.stringify(this.#now);
    if (text === this.#lastSent) return;
    this.#lastSent = text;
    this.#onProgress?.({ ...this.#now });
  }
}

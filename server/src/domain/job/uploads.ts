/** Uploads: which may be signed again, and whether all photos are there. */
import type { DetailsOf } from '../../contract/errors.ts';
import { invalid, refuse } from '../result.ts';
import { ask } from './refusals.ts';
import { type Decision, decided, type JobSettings, type JobState } from './state.ts';

/** Part of an upload URL's life within which one that is asked for again ends with the one before, so that asking writes nothing. */
const SAME_END = 1 / 15;

/**
 * Notes when upload URLs end that are signed now. Whoever asks for them in time is still uploading: his photos are waited for as long as
 * those of a new job, up to the most that any job waits.
 */
export function noteUploads(job: JobState, now: number, settings: JobSettings): JobState {
  const { uploadUrlMs, createdMs, createdMaxMs } = settings;
  const until = now + uploadUrlMs;
  if (job.putsExpireAt > until - uploadUrlMs * SAME_END) return job;
  const awaited = Math.min(now + createdMs, job.createdAt + createdMaxMs);
  const deadline = now < job.deadline ? Math.max(job.deadline, awaited) : job.deadline;
  return { ...job, putsExpireAt: until, deadline };
}

/** Allows new PUT URLs for `indexes`, while the job waits for its photos. */
export function renewUploads(job: JobState, indexes: number[], now: number, settings: JobSettings): Decision<number[]> {
  const verdict = ask(job, 'renewUploads');
  if (typeof verdict !== 'string') return verdict;
  const wrong = indexes.findIndex((idx) => idx >= job.photos.length);
  if (wrong !== -1) return invalid(`indexes[${wrong}]`, `the job has photos 0 to ${job.photos.length - 1}`);
  return decided(noteUploads(job, now, settings), [...new Set(indexes)]);
}

/** What lies in storage under a photo's key. `encoding`: how its reader is told to unpack it, which no client of ours says. */
export type Found = { bytes: number; contentType: string | null; encoding?: string | undefined };

/** Takes what one LIST found, by photo index. */
export function confirmUpload(
  job: JobState,
  found: ReadonlyMap<number, Found>,
  now: number,
  settings: JobSettings,
): Decision<null> {
  const verdict = ask(job, 'confirmUpload');
  if (typeof verdict !== 'string') return verdict;
  if (verdict === 'answered') return decided(job, null);
  const gaps: DetailsOf<'UPLOAD_INCOMPLETE'> = { missing: [], wrong: [] };
  for (const [idx, photo] of job.photos.entries()) {
    const object = found.get(idx);
    if (object === undefined) gaps.missing.push(idx);
    else if (object.bytes !== photo.bytes) {
      gaps.wrong.push({ idx, reason: `has ${object.bytes} bytes, not ${photo.bytes}` });
    } else if (object.contentType !== null && object.contentType !== photo.contentType) {
      gaps.wrong.push({ idx, reason: `is ${object.contentType}, not ${photo.contentType}` });
    } else if (object.encoding !== undefined) {
      gaps.wrong.push({ idx, reason: `has the content encoding ${object.encoding}` });
    }
  }
  const bad = gaps.missing.length + gaps.wrong.length;
  if (bad > 0)
    return refuse('UPLOAD_INCOMPLETE', `${bad} of ${job.photos.length} photos are not there as announced`, gaps);
  return decided({ ...job, status: 'uploaded', deadline: now + settings.uploadedMs }, null);
}

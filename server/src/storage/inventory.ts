/** What lies in R2 under a job's folders, by photo index. */
import type { OutputType } from '../contract/gpu-message.ts';
import { type Bitmap, bit, EMPTY, has } from '../domain/bitmap.ts';
import { HEAD_BYTES, isPicture, isPreview, judge, type Look, NO_PICTURE } from '../domain/job/look.ts';
import type { Found } from '../domain/job/uploads.ts';
import {
  indexOfKey,
  inputPrefix,
  type JobRef,
  outputKey,
  outputPrefix,
  previewKey,
  previewPrefix,
} from '../domain/keys.ts';
import type { ListedBucket, ReadBucket, StoredObject } from './bucket.ts';

/** A job has 200 photos at most, so one LIST of up to 1,000 keys finds them all; a second page is a bug, not a need. */
const PAGE_SIZE = 1000;
const MAX_PAGES = 3;

async function* objectsUnder(r2: ListedBucket, prefix: string): AsyncGenerator<StoredObject> {
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = { prefix, limit: PAGE_SIZE, include: ['httpMetadata' as const] };
    const listed = await r2.list(cursor === undefined ? page : { ...page, cursor });
    yield* listed.objects;
    if (!listed.truncated) return;
    cursor = listed.cursor;
  }
}

export async function listInputs(r2: ListedBucket, job: JobRef): Promise<Map<number, Found>> {
  const found = new Map<number, Found>();
  for await (const object of objectsUnder(r2, inputPrefix(job))) {
    const idx = indexOfKey(object.key);
    if (idx === null) continue;
    const { contentType = null, contentEncoding } = object.httpMetadata ?? {};
    found.set(idx, { bytes: object.size, contentType, encoding: contentEncoding });
  }
  return found;
}

/** Objects whose first bytes are read at the same time: an invocation has six connections. */
const READ_AT_ONCE = 6;

/**
 * What lies there at the job's end: a LIST of results, one of previews, and the first bytes of those results that a LIST says too little of,
 * which are none where a GPU worker stores pictures under their type.
 * @param done the photos that were reported done; `asked`: the type that their results were asked for in
 */
export async function lookAtEnd(r2: ReadBucket, job: JobRef, done: Bitmap, asked: OutputType): Promise<Look> {
  const [[results, reasons], previews] = await Promise.all([
    lookAtResults(r2, job, done, asked),
    lookAtPreviews(r2, job),
  ]);
  return { results, previews, reasons };
}

async function lookAtResults(
  r2: ReadBucket,
  job: JobRef,
  done: Bitmap,
  asked: OutputType,
): Promise<[Bitmap, Map<number, string>]> {
  let results = EMPTY;
  const reasons = new Map<number, string>();
  const unclear: number[] = [];
  for await (const { key, size, httpMetadata } of objectsUnder(r2, outputPrefix(job))) {
    const idx = indexOfKey(key);
    if (idx === null || key !== outputKey(job, idx) || !has(done, idx)) continue;
    const verdict = judge({ bytes: size, type: httpMetadata?.contentType }, asked);
    if (verdict.kind === 'result') results |= bit(idx);
    else if (verdict.kind === 'none') reasons.set(idx, verdict.reason);
    else unclear.push(idx);
  }
  const readNext = async (): Promise<void> => {
    for (let idx = unclear.pop(); idx !== undefined; idx = unclear.pop()) {
      const head = await r2.get(outputKey(job, idx), { range: { offset: 0, length: HEAD_BYTES } });
      if (head !== null && isPicture(new Uint8Array(await head.arrayBuffer()))) results |= bit(idx);
      else if (head !== null) reasons.set(idx, NO_PICTURE);
    }
  };
  await Promise.all(Array.from({ length: Math.min(READ_AT_ONCE, unclear.length) }, readNext));
  return [results, reasons];
}

async function lookAtPreviews(r2: ListedBucket, job: JobRef): Promise<Bitmap> {
  let previews = EMPTY;
  for await (const { key, size, httpMetadata } of objectsUnder(r2, previewPrefix(job))) {
    const idx = indexOfKey(key);
    if (idx === null || key !== previewKey(job, idx)) continue;
    if (isPreview({ bytes: size, type: httpMetadata?.contentType })) previews |= bit(idx);
  }
  return previews;
}

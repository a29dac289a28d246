// One photo of a job: download, process, store. Whatever goes wrong becomes a failed result in words for people; only a cancel throws.

import type { Log } from '../log.ts';
import { withoutQuery } from '../log.ts';
import type { Item, Message, OutputType } from '../message.ts';
import { HttpFailure, Refused, type RetryPolicy } from '../net/retry.ts';
import { download, type UploadType, upload } from '../net/transfer.ts';
import { BadPhoto } from '../photo/bad-photo.ts';
import { MOST_BYTES } from '../photo/inspect.ts';
import type { PhotoPool } from '../photo/pool.ts';
import type { PhotoResult } from '../photo/process.ts';

export interface ItemResult {
  readonly idx: number;
  readonly status: 'done' | 'failed';
  readonly output_key?: string;
  readonly preview_key?: string;
  readonly error?: string;
}

export interface ItemDeps {
  readonly pool: PhotoPool;
  readonly retry: RetryPolicy;
  readonly log: Log;
}

/** A failure that has its words already. */
class Told extends Error {}

async function fetchPhoto(item: Item, deps: ItemDeps, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await download(item.input_url, MOST_BYTES, deps.retry, signal);
  } catch (error) {
    signal.throwIfAborted();
    deps.log('download-failed', { url: withoutQuery(item.input_url), problem: String(error) });
    if (error instanceof Refused) throw new Told('the photo file is larger than 25 MB');
    if (error instanceof HttpFailure && error.status === 404) throw new Told('the photo is not in storage');
    if (error instanceof HttpFailure && error.status === 403) throw new Told('the link to the photo has expired');
    throw new Told('the photo could not be downloaded');
  }
}

async function store(
  item: Item,
  result: PhotoResult,
  type: OutputType,
  deps: ItemDeps,
  signal: AbortSignal,
): Promise<void> {
  const put = async (url: string, body: Uint8Array | string, type: UploadType): Promise<void> => {
    try {
      await upload(url, typeof body === 'string' ? body : new Uint8Array(body), type, deps.retry, signal);
    } catch (error) {
      signal.throwIfAborted();
      deps.log('upload-failed', { url: withoutQuery(url), problem: String(error) });
      const expired = error instanceof HttpFailure && error.status === 403;
      throw new Told(expired ? 'the link for the result has expired' : 'the result could not be stored');
    }
  };
  // The result comes last: what finds it in storage finds everything else there too.
  await Promise.all(Object.entries(result.masks).map(([name, png]) => put(item.mask_urls[name]!, png, 'image/png')));
  if (item.instances_url !== null) await put(item.instances_url, result.instances, 'application/json');
  if (!result.painted) return;
  await put(item.preview_url, result.painted.preview, 'image/jpeg');
  await put(item.output_url, result.painted.result, type);
}

async function work(item: Item, message: Message, deps: ItemDeps, signal: AbortSignal): Promise<string | null> {
  const bytes = await fetchPhoto(item, deps, signal);
  const { preset, concepts, protect, output_type: outputType } = message;
  const masksOf = Object.keys(item.mask_urls);
  const task = { idx: item.idx, bytes, masksOf, preset };
  const result = await deps.pool.process({ ...task, concepts, protect, outputType }, signal);
  await store(item, result, outputType, deps, signal);
  return result.error;
}

export async function runItem(item: Item, message: Message, deps: ItemDeps, signal: AbortSignal): Promise<ItemResult> {
  const { idx, output_key, preview_key } = item;
  let error: string | null;
  try {
    error = await work(item, message, deps, signal);
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof Told || cause instanceof BadPhoto)) {
      deps.log('item-broke', { job_id: message.job_id, idx, problem: String(cause) });
    }
    error = cause instanceof Told || cause instanceof BadPhoto ? cause.message : 'the photo could not be processed';
  }
  return error === null ? { idx, status: 'done', output_key, preview_key } : { idx, status: 'failed', error };
}

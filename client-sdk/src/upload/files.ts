/** From what the caller picked to what is sent: every file is looked at, and all bad ones are named at once. */
import { MAX_PHOTO_BYTES, MAX_PHOTOS, type PhotoType } from '../../../server/src/contract/limits.ts';
import { type InvalidFile, type InvalidFileReason, S3Error } from '../errors.ts';
import { readBytes } from './bytes.ts';
import type { PhotoFile } from './photo-file.ts';
import { HEAD_BYTES, sniff } from './photo-type.ts';

/** A file that was looked at and can be sent. */
export interface PreparedPhoto {
  /** Position in the caller's list, from 0; the server's index as well. */
  index: number;
  name: string;
  contentType: PhotoType;
  /** Its size. */
  bytes: number;
  body: Blob | Uint8Array<ArrayBuffer>;
}

/** Looks at every file. Throws INVALID_FILE, which lists each bad one, when there are none or more than 200 or any can't be sent. */
export async function preparePhotos(files: ArrayLike<PhotoFile>): Promise<PreparedPhoto[]> {
  const all = Array.from(files);
  if (all.length === 0) throw invalid([], `No photo was given: 1 to ${MAX_PHOTOS} are taken`);
  const looked = await Promise.all(all.slice(0, MAX_PHOTOS).map(look));
  const bad = looked.filter((one) => 'reason' in one);
  for (let index = MAX_PHOTOS; index < all.length; index++) {
    bad.push({ index, name: nameOf(all[index]!, index), reason: 'too-many' });
  }
  if (bad.length > 0) throw invalid(bad, sentence(bad));
  return looked.filter((one) => 'body' in one);
}

/** Those of `files` that can be sent, at their positions; what else was picked along with them does not matter. */
export async function usablePhotos(files: ArrayLike<PhotoFile>): Promise<PreparedPhoto[]> {
  const looked = await Promise.all(Array.from(files, look));
  return looked.filter((one) => 'body' in one);
}

async function look(file: PhotoFile, index: number): Promise<PreparedPhoto | InvalidFile> {
  const name = nameOf(file, index);
  const data = 'data' in file ? file.data : file;
  const bytes = data instanceof Uint8Array ? data.byteLength : data.size;
  const refuse = (reason: InvalidFileReason): InvalidFile => ({ index, name, reason });

  if (bytes === 0) return refuse('empty');
  if (bytes > MAX_PHOTO_BYTES) return refuse('too-large');
  let head: Uint8Array;
  try {
    head = await readBytes(data, 0, HEAD_BYTES);
  } catch {
    return refuse('unreadable');
  }
  const type = sniff(head);
  if (type === 'html') return refuse('html');
  if (type === null) return refuse('unknown-type');
  // A view of shared memory is the one Uint8Array that fetch refuses; it says so itself.
  return { index, name, contentType: type, bytes, body: data as Blob | Uint8Array<ArrayBuffer> };
}

function nameOf(file: PhotoFile, index: number): string {
  const name = 'name' in file ? file.name : undefined;
  return typeof name === 'string' && name !== '' ? name : `photo-${index + 1}`;
}

const REASONS: Record<InvalidFileReason, string> = {
  empty: 'is empty',
  html: 'is a web page, not a photo',
  'unknown-type': 'is not a JPEG, PNG or WebP photo',
  'too-large': `is larger than ${MAX_PHOTO_BYTES / 1_000_000} MB`,
  'too-many': `is one more than the ${MAX_PHOTOS} photos of a job`,
  unreadable: 'could not be read',
};

function sentence(bad: readonly InvalidFile[]): string {
  const named = bad.slice(0, 3).map(({ name, reason }) => `${name} ${REASONS[reason]}`);
  return bad.length > named.length ? `${named.join('; ')}; and ${bad.length - named.length} more` : named.join('; ');
}

const invalid = (files: InvalidFile[], message: string) =>
  new S3Error({ code: 'INVALID_FILE', message, data: { files } });

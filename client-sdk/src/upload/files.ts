/** From what the caller picked to what is sent: every file is looked at, and each that can't be sent is named. */

import { type InvalidFile, type InvalidFileReason, local, type S3Error } from '../errors.ts';
import { MAX_PHOTO_BYTES, MAX_PHOTOS } from '../generated/limits.ts';
import type { PhotoType } from '../generated/types.ts';
import { readBytes } from './bytes.ts';
import { bodyOf, filesIn, type PhotoFile, type PhotoFiles } from './photo-file.ts';
import { takenType } from './photo-type.ts';

/** A file that was looked at and can be sent. */
export interface PreparedPhoto {
  /** The server's index, from 0: its place among those that are sent. */
  index: number;
  /** Position in the caller's list, from 0. */
  fileIndex: number;
  name: string;
  contentType: PhotoType;
  /** Its size. */
  bytes: number;
  body: Blob | Uint8Array<ArrayBuffer>;
}
export interface Prepared {
  photos: PreparedPhoto[];
  refused: InvalidFile[];
}
type Looked =
  | Omit<PreparedPhoto, 'index'>
  | { fileIndex: number; name: string; reason: InvalidFileReason; message?: string };
interface Inspector {
  inspect: typeof import('./inspect/index.ts').inspect;
  words?: Record<InvalidFileReason, string>;
}

/** Files that are looked at at once. */
const PARALLEL = 16;

/** Without the rest of the code: the page was deployed anew, and its old file is gone. Whoever decodes the photo says the rest. */
const BASICS: Inspector = {
  inspect: async (data) => takenType(await readBytes(data, 0, 12)) ?? 'unknown-type',
};
const load = (): Promise<Inspector> => import('./inspect/index.ts').catch(() => BASICS);

/**
 * Looks at every file. Throws INVALID_FILE, which lists each that can't be sent, when there is one, or with `skip` when there is no other;
 * and when none was given. Of more than 200 that can be sent, those beyond can't.
 */
export async function preparePhotos(
  files: PhotoFiles | ReturnType<typeof filesIn>,
  onInvalid: 'throw' | 'skip' = 'throw',
): Promise<Prepared> {
  const { photos, refused } = await sortOut(await filesIn(files), MAX_PHOTOS);
  if (photos.length > 0 && (refused.length === 0 || onInvalid === 'skip')) return { photos, refused };
  throw unusable(refused);
}

/** Looks at every file: which can be sent, in their order and at most `most`, and which can't. */
export async function sortOut(files: readonly PhotoFile[], most: number): Promise<Prepared> {
  const inspector = await load();
  const photos: PreparedPhoto[] = [];
  const refused: InvalidFile[] = [];
  for (const one of await lookAtAll(files, inspector)) {
    const reason = 'reason' in one ? one.reason : photos.length < most ? null : 'too-many';
    if (reason === null) photos.push({ ...(one as PreparedPhoto), index: photos.length });
    else {
      const message = 'message' in one ? one.message : undefined;
      refused.push(refusal(one, reason, inspector, message));
    }
  }
  return { photos, refused };
}

const refusal = (
  { fileIndex: index, name }: Pick<PreparedPhoto, 'fileIndex' | 'name'>,
  reason: InvalidFileReason,
  { words }: Inspector,
  message = words?.[reason] ?? `cannot be sent (${reason})`,
): InvalidFile => ({ index, name, reason, message });

/** A photo that was changed or removed after it was looked at. */
export const changedFile = async (photo: PreparedPhoto): Promise<InvalidFile> =>
  refusal(photo, 'changed', await load());

/** Those of `files` that can be sent, in their order; what else was picked along with them does not matter. */
export const usablePhotos = async (files: readonly PhotoFile[]): Promise<PreparedPhoto[]> =>
  (await sortOut(files, files.length)).photos;

/** In the order of `files`, some at a time: a picked folder may hold thousands. */
async function lookAtAll(files: readonly PhotoFile[], { inspect }: Inspector): Promise<Looked[]> {
  const looked: Looked[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < files.length; index = next++) {
      looked[index] = await look(files[index] as PhotoFile, index, inspect);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return looked;
}

async function look(file: PhotoFile, fileIndex: number, inspect: Inspector['inspect']): Promise<Looked> {
  const name = nameOf(file, fileIndex);
  const refuse = (reason: InvalidFileReason) => ({ fileIndex, name, reason });
  try {
    const data = await bodyOf(file);
    if (typeof data === 'string') {
      return isLikeFolder(file) ? refuse('folder') : { ...refuse('unreadable'), message: data };
    }
    const bytes = data instanceof Uint8Array ? data.byteLength : data.size;
    const found = await inspect(data, readBytes, takenType);
    if (bytes === 0) return refuse('empty');
    if (!isType(found)) return refuse(found);
    if (bytes > MAX_PHOTO_BYTES) return refuse('too-large');
    return { fileIndex, name, contentType: found, bytes, body: data as Blob | Uint8Array<ArrayBuffer> };
  } catch {
    return refuse(isLikeFolder(file) ? 'folder' : 'unreadable');
  }
}

const isType = (found: PhotoType | InvalidFileReason): found is PhotoType => found.startsWith('image/');

/** A folder that is dropped on a page is a file that can't be read, without a type and without an ending as photos have one; or an entry, or a handle. */
function isLikeFolder(file: unknown): boolean {
  const { isDirectory, kind, type, name } = Object(file) as Record<string, unknown>;
  return (
    isDirectory === true || kind === 'directory' || (type === '' && typeof name === 'string' && !/\.\w+$/.test(name))
  );
}

function nameOf(file: unknown, index: number): string {
  const { name, fileName } = Object(file) as Record<string, unknown>;
  return String(name || fileName || `photo-${index + 1}`);
}

export const unusable = (files: InvalidFile[]): S3Error<'INVALID_FILE'> =>
  local('INVALID_FILE', sentence(files), { files });

/** The first of these files, and how many more they are. */
function sentence(refused: readonly InvalidFile[]): string {
  if (refused.length === 0) return `No photo was given: 1 to ${MAX_PHOTOS} are taken`;
  const named = refused.slice(0, 3).map(({ name, message }) => `${name} ${message}`);
  if (refused.length > 3) named.push(`and ${refused.length - 3} more`);
  return named.join('; ');
}

/** What the caller may hand over as a photo, and what is read of it. */

/** Where bytes lie: those of another realm (a frame, a test's) as well. */
export type PhotoData = Blob | Uint8Array | ArrayBuffer | ArrayBufferView;
/** The type is told by the bytes, whatever the name ends in. `uri`: as React Native's pickers give it. */
export type PhotoFile =
  | PhotoData
  | { name: string; data: PhotoData }
  | { uri: string; name?: string | undefined; fileName?: string | null | undefined; type?: string | undefined };
/** Photos, in a list of any kind; or a single one. */
export type PhotoFiles = ArrayLike<PhotoFile> | Iterable<PhotoFile> | AsyncIterable<PhotoFile> | PhotoFile;

type Fields = Record<string | symbol, unknown>;

/**
 * What is in `files` now, since a `FileList` is empty as soon as its input is; a list that comes bit by bit, once it has come. What is no
 * list is taken to be one photo, and refused by its type if it is none.
 */
export function filesIn(
  files: PhotoFiles | Promise<readonly PhotoFile[]> | null | undefined,
): readonly PhotoFile[] | Promise<readonly PhotoFile[]> {
  const given = Object(files ?? []) as Fields;
  if ('then' in given) return files as Promise<readonly PhotoFile[]>;
  const isOne = typeof files === 'string' || ['byteLength', 'pipe', 'getReader'].some((name) => name in given);
  if (!isOne && Symbol.asyncIterator in given) return collected(files as AsyncIterable<PhotoFile>);
  const isList = !isOne && ('length' in given || Symbol.iterator in given);
  return isList ? Array.from(given as unknown as ArrayLike<PhotoFile>) : [files as PhotoFile];
}

/** The bytes of one photo. A text: why they can't be had, with the type of what was given. Rejects when they can't be read. */
export async function bodyOf(file: unknown): Promise<Blob | Uint8Array | string> {
  const { data = file, uri } = Object(file) as Fields;
  if (typeof uri === 'string') return (await fetch(uri)).blob();
  // By what it has: `instanceof` knows what is of this realm alone.
  const { buffer = data, byteOffset, byteLength, slice, size } = Object(data) as Fields;
  if (typeof byteLength === 'number') {
    const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset as number | undefined, byteLength);
    // Nothing can be sent out of shared memory.
    return String(buffer) === '[object SharedArrayBuffer]' ? bytes.slice() : bytes;
  }
  if (slice && typeof size === 'number') return data as Blob;
  return `is a ${(Object(data) as object).constructor?.name}: give a File, Blob, Uint8Array, { name, data } or { uri, name }`;
}

async function collected<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of list) all.push(one);
  return all;
}

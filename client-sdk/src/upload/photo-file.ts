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

/** What a single photo has, and no list of them. */
const OF_ONE = ['data', 'uri', 'slice', 'getFile', 'kind', 'isDirectory', 'pipe', 'getReader'];

/**
 * What is in `files` now, since a `FileList` is empty as soon as its input is; a list that comes bit by bit, once it has come. What is no
 * list is taken to be one photo, and refused by its type if it is none.
 */
export function filesIn(
  files: PhotoFiles | Promise<readonly PhotoFile[]> | null | undefined,
): readonly PhotoFile[] | Promise<readonly PhotoFile[]> {
  if (files === null || files === undefined) return [];
  const given = Object(files) as Fields;
  if (typeof given.then === 'function') return files as Promise<readonly PhotoFile[]>;
  const isList = 'length' in given && typeof files !== 'string' && !isBytes(files);
  if (isList) return Array.from(files as ArrayLike<PhotoFile>);
  if (typeof files === 'string' || OF_ONE.some((name) => name in given)) return [files as PhotoFile];
  if (Symbol.asyncIterator in given) return collected(files as AsyncIterable<PhotoFile>);
  return Symbol.iterator in given && !isBytes(files) ? Array.from(files as Iterable<PhotoFile>) : [files as PhotoFile];
}

/** The bytes of one photo. A text: why they can't be had, with the type of what was given. Rejects when they can't be read. */
export async function bodyOf(file: unknown): Promise<Blob | Uint8Array | string> {
  const { data = file, uri, getFile } = Object(file) as Fields;
  if (typeof getFile === 'function') return bodyOf(await getFile.call(file));
  if (typeof uri === 'string') return (await fetch(uri)).blob();
  if (isBlob(data)) return data;
  if (ArrayBuffer.isView(data)) return unshared(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (isBytes(data)) return unshared(new Uint8Array(data as ArrayBuffer));
  return `is a ${typeOf(data)}: give a File, Blob, Uint8Array, { name, data } or { uri, name }`;
}

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
const typeOf = (value: unknown): string => (value as object | null)?.constructor?.name || tagOf(value);
const isBytes = (value: unknown): boolean => ArrayBuffer.isView(value) || /ArrayBuffer$/.test(tagOf(value));
/** By what it can do: `instanceof` knows those of this realm alone. */
const isBlob = (value: unknown): value is Blob =>
  !isBytes(value) && typeof (value as Blob | null)?.slice === 'function' && typeof (value as Blob).size === 'number';
/** Nothing can be sent out of shared memory. */
const unshared = (bytes: Uint8Array): Uint8Array => (tagOf(bytes.buffer) === 'ArrayBuffer' ? bytes : bytes.slice());

async function collected<T>(list: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of list) all.push(one);
  return all;
}

/** What a set's ZIP file has in it: the pictures, in words what was changed, and the finished photos by themselves. */

import type { SetPicture } from '@s3-workers/client-sdk/sets';
import { downloadZip } from 'client-zip';

/** A finished photo in storage. */
export interface SinglePhoto {
  /** With its ending, none like another. */
  name: string;
  url: string;
}

interface ZipParts {
  pictures: AsyncIterable<SetPicture>;
  /** Null for none. */
  changes: string | null;
  singles: readonly SinglePhoto[];
  signal: AbortSignal;
  /** Once for each file, when it goes in. */
  onFile(name: string): void;
}

/** A photo that could not be fetched. */
export class NotFetched extends Error {
  readonly photo: string;
  constructor(photo: string, cause?: unknown) {
    super(`${photo} could not be fetched`, { cause });
    this.photo = photo;
  }
}

/** Streamed: each file is made or fetched when the one before it has been taken. */
export const zipOf = (parts: ZipParts): Response => downloadZip(filesOf(parts));

async function* filesOf({ pictures, changes, singles, signal, onFile }: ZipParts) {
  const lastModified = new Date();
  for await (const { name, input } of pictures) {
    yield { name, input, lastModified };
    onFile(name);
  }
  if (changes !== null) yield { name: 'changes.txt', input: changes, lastModified };
  for (const { name, url } of singles) {
    yield { name: `photos/${name}`, input: await fetched(name, url, signal), lastModified };
    onFile(name);
  }
}

async function fetched(name: string, url: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new NotFetched(name, cause);
  }
  if (!response.ok) throw new NotFetched(name);
  return response;
}

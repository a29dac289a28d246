/** Finds out what there is to know of the album's files as they come, and makes a JPEG of each HEIC in its place. */
import type { PhotoFile } from '@s3-workers/client-sdk';
import type { UsedUpload } from '@s3-workers/client-sdk/react';
import { useEffect } from 'react';
import { factsOf, learn, meet, useFactsVersion } from './facts.ts';
import { wantPicture } from './pictures.ts';

/** Files that are looked at together, so that an album of hundreds shows something at once. */
const TOGETHER = 24;

/** For one component that is always there. */
export function useLookingAt({ files, photos, replace }: UsedUpload): void {
  useEffect(() => {
    const strangers = meet(files);
    for (const file of strangers) wantPicture(file);
    if (strangers.length > 0) void lookAt(strangers);
  }, [files]);
  const version = useFactsVersion();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is known of the files is not in them
  useEffect(() => {
    for (const { id, file } of photos) {
      const { refused, jpeg } = factsOf(file);
      if (refused?.reason === 'heic' && jpeg === 'none' && file instanceof Blob) {
        void intoJpeg(file, (made) => replace(id, made));
      }
    }
  }, [photos, version, replace]);
}

async function lookAt(files: readonly PhotoFile[]): Promise<void> {
  const { inspectFiles } = await import('@s3-workers/client-sdk/files');
  for (let from = 0; from < files.length; from += TOGETHER) {
    const some = files.slice(from, from + TOGETHER);
    for (const { index, refused, print } of await inspectFiles(some)) {
      const file = some[index];
      if (file !== undefined) learn(file, { looked: true, refused, print });
    }
  }
}

async function intoJpeg(file: Blob, done: (jpeg: File) => void): Promise<void> {
  learn(file, { jpeg: 'making' });
  try {
    const { jpegOf } = await import('./heic.ts');
    done(await jpegOf(file));
  } catch {
    learn(file, { jpeg: 'failed' });
  }
}

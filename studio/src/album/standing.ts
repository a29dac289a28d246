/** How a photo stands, in words, from what the run and this page know of it. */
import { fileText, type Language } from '@s3-workers/client-sdk/messages';
import type { UsedPhoto } from '@s3-workers/client-sdk/react';
import type { Facts } from './facts.ts';
import type { AlbumWords } from './words.ts';

export interface Standing {
  kind: 'quiet' | 'moving' | 'note' | 'good' | 'bad';
  text: string;
  /** 0 to 1 of what moves; null where nobody knows. */
  share: number | null;
}

const standing = (kind: Standing['kind'], text: string, share: number | null = null): Standing => ({
  kind,
  text,
  share,
});

export function standingOf(
  photo: UsedPhoto,
  facts: Facts,
  isTwice: boolean,
  w: AlbumWords,
  language: Language,
  isWorking = false,
): Standing {
  switch (photo.status) {
    case 'picked':
      if (facts.jpeg === 'making') return standing('moving', w.makingJpeg);
      if (facts.refused !== null) return standing('bad', reasonOf(facts.refused, language));
      return isTwice ? standing('note', w.twice) : standing('quiet', sizeText(photo.file, w));
    case 'refused':
      return standing('bad', facts.refused === null ? (photo.error ?? w.refused) : reasonOf(facts.refused, language));
    case 'missing':
      return standing('bad', w.missing);
    case 'uploading':
      return photo.progress > 0
        ? standing('moving', w.uploading(photo.progress), photo.progress)
        : standing('quiet', w.waits);
    case 'uploaded':
      return standing('quiet', isWorking ? w.working : w.uploaded);
    case 'done':
      return standing('good', w.done);
    case 'failed':
      return standing('bad', photo.error ?? w.failed);
    case 'canceled':
      return standing('quiet', w.canceled);
  }
}

/** Without the name, which stands above it. */
export const reasonOf = (file: { reason: Parameters<typeof fileText>[0]['reason'] }, language: Language): string =>
  fileText({ name: '', reason: file.reason }, language).replace(/^[“‘][”’]:? /, '');

const sizeText = (file: UsedPhoto['file'], w: AlbumWords): string =>
  file !== null && 'size' in file && typeof file.size === 'number' ? w.bytes(file.size) : w.ready;

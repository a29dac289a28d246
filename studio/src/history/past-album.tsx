/** One album of the past: its first picture, how it ended, and what can be done with it. */

import type { JobSummary } from '@s3-workers/client-sdk';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import type { HistoryWords } from './words.ts';

interface PastAlbumProps {
  album: JobSummary;
  presetName: string;
  when: string;
  /** Credits; null while it is not known. */
  charged: number | null;
  words: HistoryWords;
  onOpen(album: JobSummary): void;
  onRemove(album: JobSummary): void;
}

export function PastAlbum({ album, presetName, when, charged, words, onOpen, onRemove }: PastAlbumProps) {
  const { status, progress, previewUrl, finishedAt } = album;
  const [broken, setBroken] = useState<string | null>(null);
  const shown = previewUrl !== undefined && broken !== previewUrl ? previewUrl : null;
  const facts = [
    words.photos(progress.done, progress.total),
    progress.failed > 0 ? words.failed(progress.failed) : null,
    charged === null ? null : words.charged(charged),
  ].filter(Boolean);
  return (
    <li className="flex flex-col gap-2">
      <div className="grid aspect-4/3 place-items-center overflow-hidden rounded-sm bg-well text-sm text-soft">
        {shown === null ? (
          <span className="px-4 text-center">{finishedAt === null ? words.status[status] : words.noPicture}</span>
        ) : (
          <img
            src={shown}
            alt=""
            loading="lazy"
            decoding="async"
            className="size-full object-cover"
            onError={() => setBroken(shown)}
          />
        )}
      </div>
      <h2 className="font-medium">
        {presetName} <span className="block text-sm font-normal text-soft">{when}</span>
      </h2>
      <p className="text-sm">
        <span className={status === 'failed' ? 'text-bad' : ''}>{words.status[status]}</span> ·{' '}
        <span className="tabular-nums">{facts.join(' · ')}</span>
      </p>
      <div className="mt-auto flex gap-1">
        <Button aria-label={`${words.open}: ${presetName}, ${when}`} onClick={() => onOpen(album)}>
          {words.open}
        </Button>
        {finishedAt !== null && (
          <Button aria-label={`${words.remove}: ${presetName}, ${when}`} onClick={() => onRemove(album)}>
            {words.remove}
          </Button>
        )}
      </div>
    </li>
  );
}

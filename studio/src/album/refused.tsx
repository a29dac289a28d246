/** What can't be sent, each with its reason in full, and one click to be rid of all. */
import type { UsedUpload } from '@s3-workers/client-sdk/react';
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { factsOf } from './facts.ts';
import { reasonOf } from './standing.ts';
import { takeOut } from './take-out.ts';
import { albumWords } from './words.ts';

export function Refused({ album }: { album: UsedUpload }) {
  const w = useWords(albumWords);
  const language = useLanguage();
  const bad = album.photos.flatMap((photo) => {
    const { refused, jpeg } = factsOf(photo.file);
    const isStillToBeMade = refused?.reason === 'heic' && jpeg === 'none';
    return refused === null || jpeg === 'making' || isStillToBeMade ? [] : [{ photo, refused }];
  });
  if (bad.length === 0) return null;
  const ids = new Set(bad.map(({ photo }) => photo.id));
  return (
    <div role="status" className="flex flex-wrap items-start gap-3 rounded-lg bg-bad-wash p-3 text-sm">
      <details className="min-w-0 flex-1 basis-64" open={bad.length <= 3}>
        <summary className="py-1 font-medium text-bad">{w.cannotBeSent(bad.length)}</summary>
        <ul className="max-h-48 space-y-1 overflow-y-auto pt-1">
          {bad.map(({ photo, refused }) => (
            <li key={photo.id}>
              <span className="font-medium">{photo.name}</span> {reasonOf(refused, language)}
            </li>
          ))}
        </ul>
      </details>
      <Button onClick={() => takeOut(album, ({ id }) => ids.has(id))}>{w.removeBad(bad.length)}</Button>
    </div>
  );
}

/** Albums of the past with their pictures, and the receipts of what they cost. */
import type { JobSummary } from '@s3-workers/client-sdk';
import { type ReactNode, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { PastAlbum } from './past-album.tsx';
import { Receipts } from './receipts.tsx';
import { Remove } from './remove.tsx';
import { type Pages, usePastAlbums, useReceipts, useRemoval } from './use-past.ts';
import type { HistoryWords } from './words.ts';

interface PastProps {
  language: 'en' | 'ko';
  words: HistoryWords;
  /** What an album is called, by its preset's id. */
  presetName(preset: string): string;
  errorText(error: unknown): string;
  onOpen(album: JobSummary): void;
}

export function Past({ language, words, presetName, errorText, onOpen }: PastProps) {
  const albums = usePastAlbums();
  const receipts = useReceipts();
  const [removing, setRemoving] = useState<JobSummary | null>(null);
  const [told, setTold] = useState('');
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const removal = useRemoval(({ createdAt }) => {
    setRemoving(null);
    setTold(words.removed(when.format(createdAt)));
  });
  const charges = receipts.entries.filter(({ type }) => type === 'charge');
  const charged = new Map(charges.map(({ ref, amount }) => [ref, -amount]));
  const named = albums.entries.map(({ jobId, preset, createdAt }): [string, string] => [
    jobId,
    `${presetName(preset)}, ${when.format(createdAt)}`,
  ]);
  return (
    <div className="grid gap-10">
      <section aria-labelledby="history-title" className="grid gap-4">
        <h1 id="history-title" className="font-semibold text-xl">
          {words.title}
        </h1>
        <p role="status" className="text-good empty:hidden">
          {told}
        </p>
        <Albums {...{ albums, words, errorText }}>
          {albums.entries.map((album) => (
            <PastAlbum
              key={album.jobId}
              {...{ album, words, onOpen }}
              presetName={presetName(album.preset)}
              when={when.format(album.createdAt)}
              charged={charged.get(album.jobId) ?? null}
              onRemove={setRemoving}
            />
          ))}
        </Albums>
      </section>
      <Receipts {...{ receipts, when, words, errorText }} nameOf={new Map(named)} />
      <Remove
        album={removing}
        pending={removal.isPending}
        error={removal.error && errorText(removal.error)}
        words={words}
        onClose={() => setRemoving(null)}
        onRemove={(album) => removal.mutate(album)}
      />
    </div>
  );
}

interface AlbumsProps {
  albums: Pages<JobSummary>;
  words: HistoryWords;
  errorText(error: unknown): string;
  children: ReactNode;
}

function Albums({ albums: { entries, pending, error, more }, words, errorText, children }: AlbumsProps) {
  return (
    <>
      {error !== null && <p role="alert">{errorText(error)}</p>}
      {pending && <p className="text-soft">{words.loading}</p>}
      {!pending && error === null && entries.length === 0 && <p className="text-soft">{words.empty}</p>}
      {entries.length > 0 && (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,15rem),1fr))] gap-x-5 gap-y-8">{children}</ul>
      )}
      {more !== null && (
        <Button className="justify-self-start" onClick={more}>
          {words.more}
        </Button>
      )}
    </>
  );
}

/** The album: photos are put in, seen at once, and taken out again. */
import type { UsedUpload } from '@s3-workers/client-sdk/react';
import { useAlbum } from '../app/album.ts';
import { goTo, hashOf } from '../app/place.ts';
import { Bottom } from '../parts/bottom.tsx';
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { DropAndPaste, PickButton } from './drop.tsx';
import { Empty } from './empty.tsx';
import { factsOf, useFactsVersion } from './facts.ts';
import { Refused } from './refused.tsx';
import { takeOut } from './take-out.ts';
import { type Tally, tallyOf } from './tally.ts';
import { Tiles } from './tiles.tsx';
import { Unfinished } from './unfinished.tsx';
import { albumWords } from './words.ts';

export function Album() {
  const w = useWords(albumWords);
  const album = useAlbum();
  useFactsVersion();
  const tally = tallyOf(album.files, factsOf);
  // The files of a job that is under way stay as they are; another album begins when this one is put aside.
  const isOpen = album.handle === null || album.error !== null;
  if (!isOpen) return <AtWork album={album} tally={tally} />;
  const add = (files: readonly File[]) => album.add(files);
  return (
    <>
      <DropAndPaste onFiles={add} />
      <Unfinished />
      {album.photos.length === 0 ? (
        <Empty onFiles={add} />
      ) : (
        <section aria-labelledby="album-heading" className="flex-1 space-y-4 p-4 sm:p-6">
          <div className="flex flex-wrap items-center gap-2">
            <h1 id="album-heading" className="mr-auto font-semibold text-xl">
              {w.heading}
            </h1>
            <PickButton onFiles={add}>{w.add}</PickButton>
            {tally.twice.size > 0 && (
              <Button onClick={() => takeOut(album, ({ file }) => file !== null && tally.twice.has(file))}>
                {w.removeTwice(tally.twice.size)}
              </Button>
            )}
            <Button
              kind="quiet"
              onClick={() => {
                if (album.photos.length < 3 || confirm(w.clearSure(album.photos.length))) album.clear();
              }}
            >
              {w.clear}
            </Button>
          </div>
          <Refused album={album} />
          <Tiles photos={album.photos} label={w.tiles} twice={tally.twice} onRemove={({ id }) => album.remove(id)} />
        </section>
      )}
      {album.photos.length > 0 && (
        <Bottom note={tally.open > 0 ? w.looking : w.count(tally.good, tally.bytes)}>
          <Button kind="primary" disabled={tally.good === 0} onClick={() => goTo({ step: 'change', from: null })}>
            {w.next}
          </Button>
        </Bottom>
      )}
    </>
  );
}

function AtWork({ album, tally }: { album: UsedUpload; tally: Tally }) {
  const w = useWords(albumWords);
  return (
    <section aria-labelledby="album-heading" className="flex-1 space-y-4 p-4 sm:p-6">
      <div className="flex flex-wrap items-center gap-2">
        <h1 id="album-heading" className="mr-auto font-semibold text-xl">
          {w.heading}
        </h1>
        {album.running ? (
          <a href={hashOf({ step: 'run', jobId: album.jobId })} className="p-2 text-accent underline">
            {w.atWork}
          </a>
        ) : (
          <Button
            onClick={() => {
              album.reset();
              album.clear();
            }}
          >
            {w.newAlbum}
          </Button>
        )}
      </div>
      <Tiles photos={album.photos} label={w.tiles} twice={tally.twice} />
    </section>
  );
}

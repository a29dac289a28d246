/** Before and after, photo by photo, and up to three looks side by side. */
import { errorText } from '@s3-workers/client-sdk/messages';
import { useS3Options } from '@s3-workers/client-sdk/react';
import { describeChanges } from '@s3-workers/client-sdk/sets';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Look, useLooks } from '../app/looks.ts';
import { goTo } from '../app/place.ts';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { Desk } from './desk.tsx';
import { useAgain } from './use-again.ts';
import { reviewWords } from './words.ts';

/** @param jobIds one to three jobs on the same photos, the first made from none of the others */
export default function Review({ jobIds }: { jobIds: readonly string[] }) {
  const words = useWords(reviewWords);
  const looks = useLooks(jobIds);
  // The look that was made last is what one comes for.
  const [at, setAt] = useState(looks.length - 1);
  const look = looks[at] ?? looks[0];
  return (
    <section className="grid gap-4 p-4 sm:p-6">
      <h1 className="font-semibold text-xl">{words.title}</h1>
      {look !== undefined && <Looked {...{ jobIds, looks, look }} onLook={setAt} />}
    </section>
  );
}

interface LookedProps {
  jobIds: readonly string[];
  looks: readonly Look[];
  look: Look;
  onLook(at: number): void;
}

function Looked({ jobIds, looks, look, onLook }: LookedProps) {
  const words = useWords(reviewWords);
  const language = useLanguage();
  const told = useTold(looks);
  const again = useAgain(look);
  const isOpen = look.status === null && look.error === null;
  const wrong = again.error ?? look.error;
  return (
    <>
      <p role="status" className="text-soft empty:hidden">
        {look.away ? words.away : isOpen && words.loading}
      </p>
      {wrong !== null && <p role="alert">{errorText(wrong, language)}</p>}
      {!look.ended && look.status !== null && look.error === null && (
        <progress aria-label={words.making} value={look.progress} className="h-2 w-full accent-accent" />
      )}
      {!isOpen && (
        <Desk
          {...{ looks, told, words, onLook }}
          at={looks.indexOf(look)}
          again={again.running ? 'running' : again.begin}
          onAnother={() => goTo({ step: 'change', from: jobIds[0] ?? null })}
          onSet={() => goTo({ step: 'set', jobIds })}
          onBroken={look.refresh}
        />
      )}
    </>
  );
}

/** What each look changes, in words. */
function useTold(looks: readonly Look[]): string[] {
  const language = useLanguage();
  const presets = useQuery(
    useS3Options().presets.list.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }),
  );
  return looks.map(({ kept, preset }) => {
    const known = presets.data?.find(({ id }) => id === preset);
    if (kept === null || known === undefined) return '';
    const { concepts, protect } = kept;
    const { changed } = describeChanges({ concepts, protect: protect ?? undefined }, known, language);
    return changed.map(({ text }) => text).join(' · ');
  });
}

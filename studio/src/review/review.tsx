/** Before and after, photo by photo, and up to three looks side by side. */
import { errorText } from '@s3-workers/client-sdk/messages';
import { useJob, useS3Options } from '@s3-workers/client-sdk/react';
import { describeChanges } from '@s3-workers/client-sdk/sets';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useBegin } from '../app/begin.ts';
import { useLooks } from '../app/looks.ts';
import { goTo } from '../app/place.ts';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { Desk } from './desk.tsx';
import { reviewWords } from './words.ts';

/** @param jobIds one to three jobs on the same photos, the first made from none of the others */
export default function Review({ jobIds }: { jobIds: readonly string[] }) {
  const words = useWords(reviewWords);
  const language = useLanguage();
  const looks = useLooks(jobIds);
  const presets = useQuery(
    useS3Options().presets.list.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }),
  );
  const [at, setAt] = useState(0);
  const look = looks[at] ?? looks[0];
  const { again } = useBegin();
  const job = useJob(look?.jobId);
  if (look === undefined) return null;
  const told = looks.map(({ kept, preset }) => {
    const known = presets.data?.find(({ id }) => id === preset);
    return kept === null || known === undefined
      ? ''
      : describeChanges({ concepts: kept.concepts, protect: kept.protect ?? undefined }, known, language).text;
  });
  return (
    <section className="grid gap-4 p-4 sm:p-6">
      <h1 className="font-semibold text-xl">{words.title}</h1>
      {look.error !== null && <p role="alert">{errorText(look.error, language)}</p>}
      <Desk
        looks={looks}
        told={told}
        at={looks.indexOf(look)}
        words={words}
        onLook={setAt}
        onAnother={() => goTo({ step: 'change', from: jobIds[0] ?? null })}
        onAgain={() => again(job)}
        onSet={() => goTo({ step: 'set', jobIds })}
        onBroken={look.refresh}
      />
    </section>
  );
}

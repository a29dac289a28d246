/** What was made before, with pictures, what it cost, and how to delete it. */
import type { JobSummary } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { useS3Options } from '@s3-workers/client-sdk/react';
import { useQuery } from '@tanstack/react-query';
import { looksWith } from '../app/kept-jobs.ts';
import { goTo, type Place } from '../app/place.ts';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { Past } from './past.tsx';
import { historyWords } from './words.ts';

export default function History() {
  const language = useLanguage();
  const words = useWords(historyWords);
  const presets = useQuery(useS3Options().presets.list.queryOptions());
  const presetName = (preset: string) => presets.data?.find(({ id }) => id === preset)?.name[language] ?? preset;
  return (
    <div className="p-4 sm:p-6">
      <Past
        {...{ language, words, presetName }}
        errorText={(error) => errorText(error, language)}
        onOpen={(album) => goTo(placeOf(album))}
      />
    </div>
  );
}

/** One that is still being made is followed; of the others all looks that this browser knows are shown. */
const placeOf = ({ jobId, finishedAt }: JobSummary): Place =>
  finishedAt === null ? { step: 'run', jobId } : { step: 'review', jobIds: looksWith(jobId) };

/** The set: an output template is chosen, seen and downloaded. */
import { errorText } from '@s3-workers/client-sdk/messages';
import { useS3Options } from '@s3-workers/client-sdk/react';
import { useQuery } from '@tanstack/react-query';
import { useLooks } from '../app/looks.ts';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { SetDesk } from './set-desk.tsx';
import { setWords } from './words.ts';

/** @param jobIds one to three jobs on the same photos */
export default function OutputSet({ jobIds }: { jobIds: readonly string[] }) {
  const words = useWords(setWords);
  const looks = useLooks(jobIds);
  const presets = useQuery(
    useS3Options().presets.list.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }),
  );
  const language = useLanguage();
  const preset = presets.data?.find(({ id }) => id === looks[0]?.preset) ?? null;
  const wrong = looks.find(({ error }) => error !== null)?.error ?? presets.error;
  return (
    <section className="grid gap-5 p-4 sm:p-6">
      <h1 className="font-semibold text-xl">{words.heading}</h1>
      {wrong !== null && <p role="alert">{errorText(wrong, language)}</p>}
      {wrong === null && preset === null && (
        <p role="status" className="text-soft">
          {words.loading}
        </p>
      )}
      {preset !== null && (
        <SetDesk key={`${preset.id} ${jobIds.join()}`} jobIds={jobIds} looks={looks} preset={preset} words={words} />
      )}
    </section>
  );
}

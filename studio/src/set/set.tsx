/** The set: an output template is chosen, seen and downloaded. */
import { useS3Options } from '@s3-workers/client-sdk/react';
import { useQuery } from '@tanstack/react-query';
import { useLooks } from '../app/looks.ts';
import { useWords } from '../words/index.ts';
import { SetDesk } from './set-desk.tsx';
import { setWords } from './words.ts';

/** @param jobIds one to three jobs on the same photos */
export default function OutputSet({ jobIds }: { jobIds: readonly string[] }) {
  const words = useWords(setWords);
  const looks = useLooks(jobIds);
  const presets = useQuery(
    useS3Options().presets.list.queryOptions(undefined, { staleTime: Number.POSITIVE_INFINITY }),
  );
  const preset = presets.data?.find(({ id }) => id === looks[0]?.preset) ?? null;
  return (
    <section className="grid gap-5 p-4 sm:p-6">
      <h1 className="font-semibold text-xl">{words.heading}</h1>
      {preset !== null && (
        <SetDesk key={`${preset.id} ${jobIds.join()}`} jobIds={jobIds} looks={looks} preset={preset} words={words} />
      )}
    </section>
  );
}

/** The set: an output template is chosen, seen and downloaded. */
import { useWords } from '../words/index.ts';
import { setWords } from './words.ts';

/** @param jobIds one to three jobs on the same photos */
export default function OutputSet({ jobIds }: { jobIds: readonly string[] }) {
  const w = useWords(setWords);
  return (
    <section className="p-4 sm:p-6" data-jobs={jobIds.join(',')}>
      <h1 className="font-semibold text-xl">{w.heading}</h1>
    </section>
  );
}

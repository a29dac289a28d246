/** A job on its way, photo by photo. */
import { useWords } from '../words/index.ts';
import { runWords } from './words.ts';

/** @param jobId null until the job is made */
export default function Run({ jobId }: { jobId: string | null }) {
  const w = useWords(runWords);
  return (
    <section className="p-4 sm:p-6" data-job={jobId}>
      <h1 className="font-semibold text-xl">{w.heading}</h1>
    </section>
  );
}

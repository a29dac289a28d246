/** Before and after, photo by photo, and up to three looks side by side. */
import { useLook } from '../app/looks.ts';
import { useWords } from '../words/index.ts';
import { reviewWords } from './words.ts';

/** @param jobIds one to three jobs on the same photos, the first made from none of the others */
export default function Review({ jobIds }: { jobIds: readonly string[] }) {
  const w = useWords(reviewWords);
  return (
    <section className="p-4 sm:p-6">
      <h1 className="font-semibold text-xl">{w.heading}</h1>
      {jobIds.map((jobId) => (
        <Photos key={jobId} jobId={jobId} />
      ))}
    </section>
  );
}

function Photos({ jobId }: { jobId: string }) {
  const { photos } = useLook(jobId);
  return (
    <ul>
      {photos.map(({ idx, name, status }) => (
        <li key={idx}>
          {name} {status}
        </li>
      ))}
    </ul>
  );
}

/** What a reload, a closed tab or a crash left in the middle of its upload: gone on with, or discarded. */
import { useUnfinished } from '@s3-workers/client-sdk/react';
import { useAlbum } from '../app/album.ts';
import { goTo } from '../app/place.ts';
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { timeText } from '../words/numbers.ts';
import { albumWords } from './words.ts';

export function Unfinished() {
  const w = useWords(albumWords);
  const language = useLanguage();
  const album = useAlbum();
  const { jobs } = useUnfinished();
  return jobs.map((job) => (
    <section key={job.jobId} role="status" className="flex flex-wrap items-center gap-2 bg-wash px-4 py-3 sm:px-6">
      <p className="mr-auto basis-64">
        {w.unfinished(job.names.length, job.deadline && timeText(job.deadline, language))}
      </p>
      <Button
        kind="primary"
        onClick={() => {
          album.clear();
          album.adopt(job.resume());
          goTo({ step: 'run', jobId: job.jobId });
        }}
      >
        {w.goOn}
      </Button>
      <Button onClick={() => void job.cancel()}>{w.discard}</Button>
    </section>
  ));
}

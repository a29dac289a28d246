/** A job on its way, photo by photo, and how it ended. */
import { useEffect } from 'react';
import { factsOf } from '../album/facts.ts';
import { tallyOf } from '../album/tally.ts';
import { Tiles } from '../album/tiles.tsx';
import { useRunOf } from '../app/album.ts';
import { goTo } from '../app/place.ts';
import { useWords } from '../words/index.ts';
import { Bring } from './bring.tsx';
import { Ended } from './ended.tsx';
import { Failures } from './failures.tsx';
import { headlineOf } from './headline.ts';
import { Progress } from './progress.tsx';
import { useShown } from './shown.ts';
import { Stopped } from './stopped.tsx';
import { runWords } from './words.ts';

/** @param jobId null until the job is made */
export default function Run({ jobId }: { jobId: string | null }) {
  const w = useWords(runWords);
  const run = useRunOf(jobId);
  const photos = useShown(run);
  useEffect(() => {
    if (jobId === null && run.jobId !== null) goTo({ step: 'run', jobId: run.jobId }, 'replace');
    // Somebody came to a run that there is none of.
    else if (jobId === null && run.handle === null) goTo({ step: 'album' }, 'replace');
  }, [jobId, run.jobId, run.handle]);
  const headline = run.error === null ? headlineOf(run, w) : '';
  return (
    <section aria-labelledby="run-heading" className="flex-1 space-y-5 p-4 sm:p-6">
      <div className="space-y-3 rounded-2xl border border-line bg-sheet p-4 sm:p-5">
        <h1 id="run-heading" className="font-semibold text-xl">
          {headline}
        </h1>
        <p role="status" className="sr-only">
          {headline}
        </p>
        {run.error !== null ? (
          <Stopped run={run} />
        ) : run.result !== null ? (
          <Ended run={run} result={run.result} />
        ) : (
          <>
            <Progress run={run} />
            {run.waiting !== null && <Bring run={run} waiting={run.waiting} />}
          </>
        )}
      </div>
      <Failures run={run} />
      <Tiles
        photos={photos}
        label={w.tiles}
        twice={tallyOf(run.files, factsOf).twice}
        isWorking={run.phase === 'processing' && !run.busy && run.status === 'running'}
      />
    </section>
  );
}

/** How a run ended: what came of it, what it cost, and where to go from there. */
import type { RunResult } from '@s3-workers/client-sdk';
import type { UsedUpload } from '@s3-workers/client-sdk/react';
import { useBegin } from '../app/begin.ts';
import { looksWith } from '../app/kept-jobs.ts';
import { goTo } from '../app/place.ts';
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { runWords } from './words.ts';

export function Ended({ run, result }: { run: UsedUpload; result: RunResult }) {
  const w = useWords(runWords);
  const language = useLanguage();
  const { again } = useBegin();
  const { jobId, charged, refunded, keptUntil } = result;
  const until = keptUntil && new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(keptUntil);
  return (
    <>
      <p className="text-soft tabular-nums">
        {[
          w.counted(run.done, run.total),
          run.failed > 0 && w.failedCount(run.failed),
          charged !== null && w.charged(charged, refunded ?? 0),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {run.done > 0 && until !== null && <p className="text-sm text-soft">{w.keptUntil(until)}</p>}
      <div className="flex flex-wrap gap-2">
        {run.done > 0 && (
          <Button kind="primary" onClick={() => goTo({ step: 'review', jobIds: looksWith(jobId) })}>
            {w.review}
          </Button>
        )}
        {run.failed > 0 && (
          <Button kind={run.done > 0 ? 'plain' : 'primary'} onClick={() => again(run)}>
            {w.again(run.failed)}
          </Button>
        )}
        {run.done + run.failed > 0 ? (
          <Button onClick={() => goTo({ step: 'change', from: looksWith(jobId)[0] ?? jobId })}>{w.another}</Button>
        ) : (
          run.files.length > 0 && (
            <Button kind="primary" onClick={() => goTo({ step: 'change', from: null })}>
              {w.backToChange}
            </Button>
          )
        )}
        <Button
          kind="quiet"
          onClick={() => {
            run.reset();
            run.clear();
            goTo({ step: 'album' });
          }}
        >
          {w.newAlbum}
        </Button>
      </div>
    </>
  );
}

/** What made it impossible to go on, and the way out of it. */
import { isS3Error } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { type UsedUpload, useS3Client } from '@s3-workers/client-sdk/react';
import { goTo } from '../app/place.ts';
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { runWords } from './words.ts';

/** With these nothing is wrong with the job: it is there, and can be gone on with. */
const GOES_ON = [
  'NETWORK_ERROR',
  'CEILING_REACHED',
  'ALLOWANCE_EXHAUSTED',
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'INTERNAL_ERROR',
];

export function Stopped({ run }: { run: UsedUpload }) {
  const w = useWords(runWords);
  const language = useLanguage();
  const client = useS3Client();
  const { error } = run;
  const jobId = isS3Error(error) ? (error.jobId ?? run.jobId) : run.jobId;
  const code = isS3Error(error) ? error.code : null;
  const isThere = jobId !== null && code !== null && GOES_ON.includes(code);
  return (
    <div className="space-y-3">
      <p role="alert" className="font-medium text-lg">
        {errorText(error, language)}
      </p>
      <div className="flex flex-wrap gap-2">
        {isThere && (
          <Button kind="primary" onClick={() => run.adopt(client.jobs.attach(jobId))}>
            {w.attach}
          </Button>
        )}
        {run.files.length > 0 && !isThere && (
          <Button kind="primary" onClick={() => goTo({ step: 'change', from: null })}>
            {w.backToChange}
          </Button>
        )}
        <Button onClick={() => goTo({ step: 'album' })}>{w.toAlbum}</Button>
        {code === 'CONCURRENCY_LIMIT' && <Button onClick={() => goTo({ step: 'history' })}>{w.toHistory}</Button>}
      </div>
    </div>
  );
}

/** What a run waits for that its user has to bring: photos that a page was left without, or what is to be done with them. */
import type { PresetId, Waiting } from '@s3-workers/client-sdk';
import { fileText } from '@s3-workers/client-sdk/messages';
import { type UsedUpload, useS3Client, useUnfinished } from '@s3-workers/client-sdk/react';
import { useEffect } from 'react';
import { DropAndPaste, PickButton } from '../album/drop.tsx';
import { useBegin } from '../app/begin.ts';
import { useKept } from '../app/kept.ts';
import { keptJob } from '../app/kept-jobs.ts';
import { choiceIn, choices } from '../change/choice.ts';
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { runWords } from './words.ts';

export function Bring({ run, waiting }: { run: UsedUpload; waiting: Waiting }) {
  const w = useWords(runWords);
  const language = useLanguage();
  const isElsewhere = useElsewhere(run);
  if (waiting.for === 'change') return <BringChange run={run} />;
  const bring = (files: readonly File[]) => run.resume(files);
  return (
    <div className="space-y-3">
      <p>{isElsewhere ? w.elsewhere : w.missingNote(waiting.missing.length)}</p>
      <DropAndPaste onFiles={bring} />
      <div className="flex flex-wrap gap-2">
        <PickButton kind={isElsewhere ? 'plain' : 'primary'} onFiles={bring}>
          {w.pickAgain}
        </PickButton>
        <Without run={run} missing={waiting.missing} />
      </div>
      {waiting.unmatched.length > 0 && (
        <ul role="alert" className="space-y-1 text-sm text-bad">
          {waiting.unmatched.map((file) => (
            <li key={file.index}>{fileText(file, language)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** How often it is looked whether somebody is at it, in milliseconds. */
const LOOK_MS = 5_000;

/** Whether another tab brings the photos, or whoever began the job on another device: it is none of those that this browser left. */
function useElsewhere({ jobId, files }: UsedUpload): boolean {
  const { jobs, loading, error, refresh } = useUnfinished();
  const isElsewhere = files.length === 0 && !loading && error === null && jobs.every((job) => job.jobId !== jobId);
  useEffect(() => {
    if (!isElsewhere) return;
    const timer = setInterval(refresh, LOOK_MS);
    return () => clearInterval(timer);
  }, [isElsewhere, refresh]);
  return isElsewhere;
}

/** Where this page has the other files: another job begins with these, and the one that waits is called off. */
function Without({ run, missing }: { run: UsedUpload; missing: readonly number[] }) {
  const w = useWords(runWords);
  const begin = useBegin();
  const known = run.jobId === null ? null : keptJob(run.jobId);
  const gone = run.photos.filter(({ file, item }) => file !== null && item !== null && missing.includes(item.idx));
  if (known === null || gone.length < missing.length || gone.length === run.files.length) return null;
  return (
    <Button
      onClick={() => {
        for (const { id } of gone) run.remove(id);
        const { preset, concepts, protect } = known;
        begin.album({ preset: preset as PresetId, concepts, protect: protect ?? [], maxCredits: null });
      }}
    >
      {w.without(gone.length)}
    </Button>
  );
}

function BringChange({ run }: { run: UsedUpload }) {
  const w = useWords(runWords);
  const client = useS3Client();
  const { concepts, protect } = choiceIn(useKept(choices));
  const { jobId } = run;
  if (jobId === null) return null;
  return (
    <div className="space-y-3">
      <p>{w.changeUnknown}</p>
      <Button
        kind="primary"
        disabled={Object.keys(concepts).length === 0}
        onClick={() => {
          const change = { concepts, protect: protect ?? undefined, format: 'jpeg' } as const;
          run.adopt(client.jobs.attach(jobId, { change }));
        }}
      >
        {w.useChoice}
      </Button>
    </div>
  );
}

/** How far a run is, how long it will take, and what can be done meanwhile. */
import type { UsedUpload } from '@s3-workers/client-sdk/react';
import { useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../words/index.ts';
import { type Sample, timeLeft, withSample } from './pace.ts';
import { runWords } from './words.ts';

export function Progress({ run }: { run: UsedUpload }) {
  const w = useWords(runWords);
  const isUploading = run.phase === 'uploading';
  return (
    <>
      <div
        role="progressbar"
        aria-label={w.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(run.progress * 100)}
        className="h-2 overflow-hidden rounded-full bg-well"
      >
        <div
          className="h-full rounded-full bg-accent motion-safe:transition-[width]"
          style={{ width: `${run.progress * 100}%` }}
        />
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <p className="mr-auto min-h-6 text-sm text-soft tabular-nums">
          {isUploading ? <Sending run={run} /> : <Working run={run} />}
        </p>
        {isUploading && run.waiting === null && (
          <Button onClick={() => (run.paused ? run.resume() : run.pause())}>
            <Icon name={run.paused ? 'play' : 'pause'} />
            {run.paused ? w.goOn : w.pause}
          </Button>
        )}
        <Cancel run={run} />
      </div>
      {run.connection === 'offline' && <p className="text-sm text-bad">{w.offline}</p>}
      {run.phase === 'processing' && run.busy && <p className="text-sm text-soft">{w.busyNote}</p>}
    </>
  );
}

function Sending({ run }: { run: UsedUpload }) {
  const w = useWords(runWords);
  const samples = useRef<readonly Sample[]>([]);
  const isMoving = !run.paused && run.waiting === null;
  samples.current = isMoving ? withSample(samples.current, { at: performance.now(), bytes: run.uploadedBytes }) : [];
  const left = isMoving ? timeLeft(samples.current, run.totalBytes) : null;
  if (run.totalBytes === 0) return null;
  return (
    <>
      {w.bytes(run.uploadedBytes, run.totalBytes)}
      {isMoving && ` · ${left === null ? w.soon : w.left(left)}`}
    </>
  );
}

function Working({ run }: { run: UsedUpload }) {
  const w = useWords(runWords);
  if (run.phase !== 'processing') return null;
  return (
    <>
      {w.counted(run.done, run.total)}
      {run.failed > 0 && ` · ${w.failedCount(run.failed)}`}
      {run.etaMs !== null && !run.busy && ` · ${w.left(run.etaMs)}`}
    </>
  );
}

function Cancel({ run }: { run: UsedUpload }) {
  const w = useWords(runWords);
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Button kind="quiet" onClick={() => setAsked(true)}>
        {w.cancel}
      </Button>
      <Dialog
        open={asked}
        title={w.cancelTitle}
        note={w.cancelNote(run.done, run.total - run.done)}
        onClose={() => setAsked(false)}
      >
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => setAsked(false)}>{w.keepRunning}</Button>
          <Button
            kind="danger"
            onClick={() => {
              setAsked(false);
              void run.cancel();
            }}
          >
            {w.cancelGo}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

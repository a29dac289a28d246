/** Canceling a job that was begun in vain, so that it holds no credits. */
import { abortable, linkedSignal } from '../abort.ts';
import type { JobDeps } from './deps.ts';

/** Milliseconds that whoever waits for it waits; the cancel itself goes on. */
const UNDO_MS = 5_000;

/** Waits 5 s at most and never fails: what it can't reach, the job's own deadline ends. */
export async function undo(creating: Promise<{ jobId: string }>, { call, saved, undoing }: JobDeps): Promise<void> {
  const cancel = async (): Promise<void> => {
    // A create whose answer is late has made a job all the same.
    const { jobId } = await creating;
    await call('jobs.cancel', { jobId });
    await saved.forget(jobId);
  };
  const [signal, end] = linkedSignal(undefined, UNDO_MS);
  const work = abortable(cancel(), signal)
    // Nothing was made, it ended meanwhile, or the server is out of reach.
    .catch(() => {})
    .finally(() => {
      end();
      undoing.delete(work);
    });
  undoing.add(work);
  await work;
}

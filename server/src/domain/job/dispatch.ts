/**
 * A run on its way to the provider. Its number is the fence: whoever comes with the number of one that is not out any more finds the door
 * closed.
 */
import { count, EMPTY, indexesOf, of } from '../bitmap.ts';
import { type Backoff, backoffMs } from '../retry.ts';
import { endRun } from './run-end.ts';
import { cancelRuns, openOf, runOf, unsent, withRun, workMs } from './runs.ts';
import {
  type Decided,
  type Decision,
  decided,
  type JobSettings,
  type JobState,
  type Run,
  sentPhotos,
} from './state.ts';
import { verdictOf } from './transitions.ts';

/** Why nothing is dispatched: the message is for a run that is over, or one that is on its way already. */
export type Claim =
  | { go: true; open: number[]; attemptDeadline: number }
  | { go: false; reason: 'stale attempt' | 'already dispatched' | 'job is not waiting' };

/** When the signed URLs of a run end whose message does not say: one of an earlier release, which began now. */
export const attemptDeadlineOf = (photos: number, now: number, settings: JobSettings): number =>
  now + workMs(photos, settings);

/**
 * Somebody has signed the message of run `attempt` and is about to send it to the provider.
 * @param signedUntil when the URLs end that were signed @param message the photos in it; others of the run wait for another one
 */
export function beginDispatch(
  job: JobState,
  attempt: number,
  now: number,
  settings: JobSettings,
  signedUntil = job.deadline,
  message?: readonly number[],
): Decision<Claim> {
  if (verdictOf(job, 'beginDispatch') === 'ignored') return decided(job, { go: false, reason: 'job is not waiting' });
  const run = runOf(job, attempt);
  if (run === undefined) return decided(job, { go: false, reason: 'stale attempt' });
  if (run.stage !== 'none') return decided(job, { go: false, reason: 'already dispatched' });
  const open = openOf(job, run) & (message === undefined ? run.photos : of(message));
  if (open === EMPTY) return decided(job, { go: false, reason: 'stale attempt' });
  const handed = count(open);
  const claimed: JobState = {
    ...withRun(job, {
      ...run,
      stage: 'claimed',
      photos: open,
      handed,
      leaseUntil: Math.min(now + settings.leaseMs, signedUntil),
      urlsUntil: signedUntil,
      askedAt: now,
    }),
    sent: sentPhotos(job) + handed,
    putsExpireAt: Math.max(job.putsExpireAt, signedUntil),
    effects: unsent(job.effects),
  };
  return decided(claimed, { go: true, open: indexesOf(open), attemptDeadline: signedUntil });
}

/** The provider took the run. One that arrives when nothing is open, or whose number is not out any more, is canceled. */
export function confirmDispatch(
  job: JobState,
  attempt: number,
  providerId: string | null,
  now: number,
): Decision<null> {
  const run = runOf(job, attempt);
  if (verdictOf(job, 'confirmDispatch') === 'late' || run === undefined || run.stage === 'none') {
    return decided(cancelRuns(job, [{ providerId, over: false }], now), null);
  }
  const sent = withRun(job, { ...run, stage: 'sent', providerId, refusals: 0 });
  return decided({ ...sent, status: 'running', deadLetter: false }, null);
}

/**
 * The provider said no, for certain: nothing runs, no try is used, and it is asked again after a wait that grows. A job that has ended
 * meanwhile was settled with photos that never reached the provider: that is put right.
 * @param random in [0, 1)
 */
export function refuseDispatch(
  job: JobState,
  attempt: number,
  said: string,
  now: number,
  random: number,
  settings: JobSettings,
): Decision<null> {
  return notTaken(job, attempt, said, now, (back, run) => {
    const refusals = run.refusals + 1;
    const due = now + backoffMs(refusals, random, refusedBackoff(settings));
    const waiting = withRun(back, { ...run, refusals, leaseUntil: due + settings.leaseMs });
    const effects = { ...unsent(job.effects), offer: { tries: refusals, due } };
    return decided({ ...waiting, effects }, null);
  });
}

/**
 * The provider said that the message is wrong: it was a try, and the next is another message, after a wait.
 * @param random in [0, 1)
 */
export function rejectDispatch(
  job: JobState,
  attempt: number,
  said: string,
  now: number,
  random: number,
  settings: JobSettings,
): Decision<null> {
  return notTaken(job, attempt, said, now, (back, run) => {
    const notBefore = now + backoffMs(job.tries.length + 1, random, refusedBackoff(settings));
    return endRun({ ...back, notBefore }, run, { cancel: false, reason: said }, now, settings);
  });
}

/** The queue gave up on the message of a run that nobody has taken: it is sent again after a wait that grows. */
export function deadLetter(
  job: JobState,
  attempt: number,
  now: number,
  random: number,
  settings: JobSettings,
): Decision<{ sentAgain: boolean }> {
  const run = runOf(job, attempt);
  if (verdictOf(job, 'deadLetter') === 'ignored' || run === undefined || run.stage !== 'none') {
    return decided(job, { sentAgain: false });
  }
  // Another copy of the letter has come, or the run was offered to the provider since.
  if (job.effects.send !== undefined || job.effects.offer !== undefined) return decided(job, { sentAgain: true });
  const refusals = run.refusals + 1;
  const due = now + backoffMs(refusals, random, refusedBackoff(settings));
  const waiting = withRun(job, { ...run, refusals, leaseUntil: due + settings.leaseMs });
  const effects = { ...job.effects, send: { tries: refusals, due } };
  return decided({ ...waiting, deadLetter: true, effects }, { sentAgain: true });
}

/** With the provider's words, for operators; a consumer of the release before brings none. */
const heardOf = (job: JobState, attempt: number, words: string, now: number): JobState =>
  words === '' ? job : { ...job, providerSaid: { attempt, at: now, words } };

const refusedBackoff = ({ refusedMs, refusedMaxMs }: JobSettings): Backoff => ({
  baseMs: refusedMs,
  capMs: refusedMaxMs,
});

/**
 * What holds of every answer by which nothing runs: the photos were not sent. Also of a job that has ended, where no run is out any more.
 * @param next what a job at work makes of its run, which nobody has taken
 */
function notTaken(
  job: JobState,
  attempt: number,
  said: string,
  now: number,
  next: (back: JobState, run: Run) => Decided<null>,
): Decision<null> {
  const claimed = job.runs.find((run) => run.attempt === attempt && run.stage === 'claimed');
  const verdict = verdictOf(job, 'refuseDispatch');
  if (verdict === 'ignored' || claimed === undefined) return decided(job, null);
  const run: Run = { ...claimed, stage: 'none', handed: 0 };
  const back = { ...withRun(job, run), sent: Math.max(0, sentPhotos(job) - claimed.handed) };
  return verdict === 'late' ? decided(toldUnsent(back, now), null) : next(heardOf(back, attempt, said, now), run);
}

const toldUnsent = (job: JobState, now: number): JobState =>
  job.charged === null ? job : { ...job, effects: { ...job.effects, unsent: { tries: 0, due: now } } };

/** The provider was told to stop these runs. Others, which it was not told of yet, keep their tries. */
export function runsStopped(job: JobState, providerIds: readonly string[], now: number): Decided<null> {
  const { cancelRuns, ...effects } = job.effects;
  const left = (cancelRuns?.providerIds ?? []).filter((id) => !providerIds.includes(id));
  if (left.length === 0) return decided({ ...job, effects }, null);
  const due = { tries: cancelRuns?.tries ?? 0, due: cancelRuns?.due ?? now, providerIds: left };
  return decided({ ...job, effects: { ...effects, cancelRuns: due } }, null);
}

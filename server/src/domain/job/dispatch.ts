/**
 * Dispatch attempts. A lease is the time within which the GPU worker must show a sign of life; the attempt number is the
 * fence: whoever comes with an old one finds the door closed.
 */
import { count, indexesOf } from '../bitmap.ts';
import { finishOpen } from './ending.ts';
import {
  type Decided,
  type Decision,
  decided,
  type JobSettings,
  type JobState,
  openItems,
  sentPhotos,
} from './state.ts';
import { verdictOf } from './transitions.ts';

/** Why nothing is dispatched: the message is for an attempt that is over, or one that is on its way already. */
export type Claim =
  | { go: true; open: number[]; attemptDeadline: number }
  | { go: false; reason: 'stale attempt' | 'already dispatched' | 'job is not waiting' };

/** When the signed URLs of an attempt end that begins now. */
export const attemptDeadlineOf = (photos: number, now: number, settings: JobSettings): number =>
  now + settings.leaseMs + photos * settings.attemptPerPhotoMs;

/**
 * A consumer took the message of `attempt` and is about to send it to the provider.
 * @param signedUntil when the URLs end that it has signed; a consumer of an earlier release signs after the claim, until what that says
 */
export function beginDispatch(
  job: JobState,
  attempt: number,
  now: number,
  settings: JobSettings,
  signedUntil?: number,
): Decision<Claim> {
  if (verdictOf(job, 'beginDispatch') === 'ignored') return decided(job, { go: false, reason: 'job is not waiting' });
  if (attempt !== job.attempt) return decided(job, { go: false, reason: 'stale attempt' });
  if (job.dispatch !== 'none') return decided(job, { go: false, reason: 'already dispatched' });
  const open = openItems(job);
  const attemptDeadline = signedUntil ?? attemptDeadlineOf(count(open), now, settings);
  const { send: _, ...effects } = job.effects;
  const claimed: JobState = {
    ...job,
    dispatch: 'claimed',
    sent: sentPhotos(job) + count(open),
    inFlight: count(open),
    leaseUntil: Math.min(now + settings.leaseMs, attemptDeadline),
    attemptDeadline,
    putsExpireAt: Math.max(job.putsExpireAt, attemptDeadline),
    effects,
  };
  return decided(claimed, { go: true, open: indexesOf(open), attemptDeadline });
}

/** The provider took the attempt. A run that arrives when nothing is open, or for an attempt that is over, is canceled. */
export function confirmDispatch(
  job: JobState,
  attempt: number,
  providerId: string | null,
  now: number,
): Decision<null> {
  if (verdictOf(job, 'confirmDispatch') === 'late' || attempt !== job.attempt || job.dispatch === 'none') {
    return decided(providerId === null ? job : cancelRun(job, providerId, now), null);
  }
  return decided(
    { ...job, dispatch: 'sent', providerId, status: job.status === 'queued' ? 'running' : job.status },
    null,
  );
}

/**
 * The provider refused for certain: the lease goes back, and the queue may bring the message again. A job that has ended meanwhile was
 * settled with photos that never reached the provider: that is put right.
 */
export function refuseDispatch(job: JobState, attempt: number, now: number, settings: JobSettings): Decision<null> {
  const verdict = verdictOf(job, 'refuseDispatch');
  if (verdict === 'ignored' || attempt !== job.attempt || job.dispatch !== 'claimed') return decided(job, null);
  const sent = Math.max(0, sentPhotos(job) - (job.inFlight ?? count(openItems(job))));
  if (verdict === 'late') {
    const effects = job.charged === null ? job.effects : { ...job.effects, unsent: { tries: 0, due: now } };
    return decided({ ...job, dispatch: 'none', sent, effects }, null);
  }
  return decided({ ...job, dispatch: 'none', sent, leaseUntil: now + settings.leaseMs }, null);
}

/** The queue gave up on the message of `attempt`: what is open fails, unless the attempt reached the provider after all. */
export function deadLetter(job: JobState, attempt: number, reason: string): Decision<{ failed: boolean }> {
  if (verdictOf(job, 'deadLetter') === 'ignored' || attempt !== job.attempt || job.dispatch !== 'none') {
    return decided(job, { failed: false });
  }
  const finished = finishOpen({ ...job, deadLetter: true }, `dead letter: ${reason}`);
  return { ...finished, reply: { failed: true } };
}

/** What the provider says of a run. */
export type RunStatus = 'active' | 'over' | 'unknown';

/** The lease ended without a sign of life. `run` is what the provider answered when asked, `unknown` when it cannot be. */
export function endLease(job: JobState, run: RunStatus, now: number, settings: JobSettings): Decision<null> {
  if (verdictOf(job, 'endLease') === 'ignored' || now < job.leaseUntil) return decided(job, null);
  if (job.dispatch === 'none') return decided(sendAgain(job, job.attempt, now, settings), null);
  if (run === 'active' && now < job.attemptDeadline) {
    return decided({ ...job, leaseUntil: Math.min(now + settings.leaseMs, job.attemptDeadline) }, null);
  }
  const left = run === 'over' || job.providerId === null ? job : cancelRun(job, job.providerId, now);
  if (job.attempt >= settings.maxAttempts) {
    return finishOpen(left, `not processed within ${settings.maxAttempts} attempts`);
  }
  return decided(sendAgain(left, job.attempt + 1, now, settings), null);
}

function sendAgain(job: JobState, attempt: number, now: number, settings: JobSettings): JobState {
  const fresh = attempt === job.attempt ? {} : { providerId: null };
  return {
    ...job,
    ...fresh,
    attempt,
    dispatch: 'none',
    leaseUntil: now + settings.leaseMs,
    effects: { ...job.effects, send: { tries: 0, due: now + settings.effectGraceMs } },
  };
}

export function cancelRun(job: JobState, providerId: string, now: number): JobState {
  const providerIds = [...new Set([...(job.effects.cancelRuns?.providerIds ?? []), providerId])];
  return { ...job, effects: { ...job.effects, cancelRuns: { tries: 0, due: now, providerIds } } };
}

/** The provider was told to stop these runs. Others, which it was not told of yet, keep their tries. */
export function runsStopped(job: JobState, providerIds: readonly string[], now: number): Decided<null> {
  const { cancelRuns, ...effects } = job.effects;
  const left = (cancelRuns?.providerIds ?? []).filter((id) => !providerIds.includes(id));
  if (left.length === 0) return decided({ ...job, effects }, null);
  const due = { tries: cancelRuns?.tries ?? 0, due: cancelRuns?.due ?? now, providerIds: left };
  return decided({ ...job, effects: { ...effects, cancelRuns: due } }, null);
}

/**
 * Runs of which nothing is heard. A lease is the time within which a run must show a sign of life; before it ends the provider is asked, and
 * a run that waits there for a machine has not begun to use its time up.
 */
import { count } from '../bitmap.ts';
import { endRun } from './run-end.ts';
import { outRuns, runOf, withRun, workMs } from './runs.ts';
import { type Decision, decided, type JobSettings, type JobState, type Run } from './state.ts';
import { verdictOf } from './transitions.ts';

/**
 * What the provider says of a run. `waiting`: it stands in the queue there; `working`; `completed`: its handler has returned; `failed`: it
 * was stopped, or gave up; `forgotten`: nothing is known of it there; `unknown`: the answer says nothing of use.
 */
export type RunStatus = 'waiting' | 'working' | 'completed' | 'failed' | 'forgotten' | 'unknown';
export type RunReport = { status: RunStatus; words?: string };

/** The wait between two questions grows this far. */
const MOST_DOUBLINGS = 3;

/** Whether the provider can say how it stands. */
export const canBeAsked = ({ stage, providerId, mute, over }: Run): boolean =>
  stage === 'sent' && providerId !== null && !mute && !over;

/** When the provider is asked how the run stands; null when it cannot be. A sign of life puts it off. */
export function askAt(run: Run, { leaseMs, askMs }: JobSettings): number | null {
  if (!canBeAsked(run)) return null;
  const lastSign = run.leaseUntil - leaseMs;
  if (lastSign > run.askedAt) return lastSign + askMs;
  return run.askedAt + askMs * 2 ** Math.min(run.asks, MOST_DOUBLINGS);
}

/** Runs that somebody has to look after now. */
export const dueRuns = (job: JobState, now: number, settings: JobSettings): Run[] =>
  outRuns(job).filter((run) => now >= run.leaseUntil || now >= (askAt(run, settings) ?? Number.POSITIVE_INFINITY));

/** What the provider answered when it was asked about a run, or nothing, where it cannot be. */
export function hear(
  job: JobState,
  attempt: number,
  report: RunReport,
  now: number,
  settings: JobSettings,
): Decision<null> {
  const run = runOf(job, attempt);
  if (verdictOf(job, 'hear') === 'ignored' || run === undefined) return decided(job, null);
  if (run.stage === 'none') return decided(now < run.leaseUntil ? job : sendAgain(job, run, now, settings), null);
  const { status, words = '' } = report;
  const known = { ...job, ...(words === '' ? {} : { providerSaid: { attempt, at: now, words } }) };
  const end = (cancel: boolean) => endRun(known, run, { cancel, reason: null }, now, settings);
  if (status === 'failed' || (status === 'forgotten' && run.known)) return end(false);
  const asked = askedAbout(run, status, now, settings);
  if (now < asked.leaseUntil) return decided(asked === run ? job : withRun(known, asked), null);
  return end(status !== 'completed' && !run.over);
}

/** The run after the provider was asked about it: how long it has from here on. */
function askedAbout(run: Run, status: RunStatus, now: number, settings: JobSettings): Run {
  const reset = run.leaseUntil - settings.leaseMs > run.askedAt;
  const asked = canBeAsked(run) ? { ...run, askedAt: now, asks: reset ? 1 : run.asks + 1 } : run;
  const work = workMs(count(run.photos), settings);
  const until = (limit: number) => Math.min(now + settings.leaseMs, run.urlsUntil, limit);
  switch (status) {
    case 'waiting':
      // Whoever had begun it has given it back: it has its whole time again.
      return { ...asked, known: true, workUntil: run.workUntil && now + work, leaseUntil: until(run.urlsUntil) };
    case 'working': {
      const workUntil = run.workUntil ?? now + work;
      const renewed = run.workUntil === null || now >= run.leaseUntil;
      return { ...asked, known: true, workUntil, leaseUntil: renewed ? until(workUntil) : run.leaseUntil };
    }
    case 'completed':
      // Its last results may be on their way.
      return { ...asked, known: true, over: true, leaseUntil: Math.min(now + settings.completeMs, run.urlsUntil) };
    case 'forgotten':
      return { ...asked, mute: true };
    default:
      return asked;
  }
}

/** Its message never reached anybody: the same run once more. One that is offered from here has no message. */
function sendAgain(job: JobState, run: Run, now: number, settings: JobSettings): JobState {
  const later = withRun(job, { ...run, leaseUntil: now + settings.leaseMs });
  if (job.effects.offer !== undefined) return later;
  return { ...later, effects: { ...job.effects, send: { tries: 0, due: now + settings.effectGraceMs } } };
}

/** Following a job to its end by asking, ever less often while nothing moves. */
import type { Job } from './api/jobs.ts';
import type { Clock } from './clock.ts';
import { isPassing, isS3Error } from './errors.ts';

const FIRST_WAIT = 250;
const LONGEST_WAIT = 3_000;
const GROWTH = 1.5;
/** Failures in a row after which the server is taken to be gone: about five minutes. Counted, since a laptop's sleep is not a failure. */
const MAX_FAILURES = 100;
/** Answers to wait for after the end until the credits are settled. */
const MAX_UNSETTLED = 8;

export interface PollDeps {
  /** One `jobs.get`, without retries of its own. */
  get(): Promise<Job>;
  clock: Clock;
  /** Called with every answer. */
  onAnswer(job: Job): void;
  signal?: AbortSignal | undefined;
}

const ENDED = new Set<string>(['done', 'failed', 'canceled']);
export const hasEnded = (job: Job): job is Job & { status: 'done' | 'failed' | 'canceled' } => ENDED.has(job.status);

/** Asks until the job has ended and is settled. Survives failures that pass; throws the others, and ABORTED. */
export async function untilEnded({ get, clock, onAnswer, signal }: PollDeps) {
  let wait = FIRST_WAIT;
  let before = '';
  let failures = 0;
  let unsettled = 0;
  for (;;) {
    // A little jitter, so that clients that began together do not stay together.
    await clock.sleep(wait * (0.9 + 0.2 * clock.random()), signal);
    wait = Math.min(LONGEST_WAIT, wait * GROWTH);
    let job: Job;
    try {
      job = await get();
    } catch (error) {
      failures += 1;
      if (!mayPass(error) || failures >= MAX_FAILURES) throw error;
      continue;
    }
    failures = 0;
    onAnswer(job);
    if (hasEnded(job)) {
      if (job.charged !== null || unsettled >= MAX_UNSETTLED) return job;
      unsettled += 1;
    }
    const now = `${job.status} ${job.progress.done} ${job.progress.failed}`;
    if (now !== before) wait = FIRST_WAIT;
    before = now;
  }
}

/** Any 5xx may pass here: the job goes on meanwhile, and asking costs nothing. */
function mayPass(error: unknown): boolean {
  return isS3Error(error) && (error.retryable || (error.status !== null && isPassing(error.status)));
}

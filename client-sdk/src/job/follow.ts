/**
 * Following a job to its end: over a live connection where one can be had, else by asking, ever less often while nothing moves.
 * Whatever breaks off is taken up again; the server's answer to `jobs.get` is what stands in between.
 */
import { linkedSignal } from '../abort.ts';
import { isPassing, isS3Error } from '../errors.ts';
import type { Job } from '../generated/types.ts';
import { type Attention, isOffline, nextCall } from './attention.ts';
import type { JobDeps } from './deps.ts';
import { hasEnded, type JobStore } from './store.ts';
import type { Connection, RunResult } from './types.ts';
import { type Heard, liveWatch } from './watching.ts';

const FIRST_WAIT = 250;
const LONGEST_WAIT = 3_000;
const GROWTH = 1.5;
/** Failures in a row after which the server is taken to be gone: about five minutes. Counted, since a laptop's sleep is not a failure. */
const MAX_FAILURES = 100;
/** Answers to wait for after the end until the credits are settled. */
const MAX_UNSETTLED = 8;
/** A connection that ends within these milliseconds, such as behind a proxy that cuts it, is no better than none. */
const BRIEF = 2_000;
/** Connections in a row that were brief or could not be opened, after which asking has to do, and for how many answers. */
const MAX_BRIEF = 2;
const ANSWERS_BETWEEN = 20;
/** A wait that the server asks for is kept up to these milliseconds: beyond, whoever waits is told. */
const LONGEST_ASKED_WAIT = 120_000;
/** Milliseconds that a machine without network waits for word of it. */
const OFFLINE_WAIT = 30_000;

/** A job that has ended. */
export type EndedJob = Job & { status: RunResult['status'] };

/**
 * Resolves once the job has ended and is settled. Survives failures that pass; throws the others, and ABORTED. `store` is told of all that
 * is heard. @param ticket to its live events. @param onFirst called with each answer; the first is what it is for
 */
export async function followJob(
  deps: JobDeps,
  jobId: string,
  store: JobStore,
  ticket: string | null,
  attention: Attention,
  signal: AbortSignal,
  onFirst: (job: Job) => void = () => {},
): Promise<EndedJob> {
  const { call, clock } = deps;
  const watch = liveWatch(deps, { jobId, lastEventId: null }, toldTo(store), attention, signal);
  const onConnection = (connection: Connection) => store.update({ connection });
  let wait = FIRST_WAIT;
  let before = '';
  let failures = 0;
  let unsettled = 0;
  let brief = 0;
  let answers = 0;
  const isLiveWorthTrying = () => brief < MAX_BRIEF || answers % ANSWERS_BETWEEN === 0;
  for (;;) {
    let ended = false;
    if (watch && ticket && isLiveWorthTrying()) {
      const began = clock.now();
      const outcome = await watch(ticket);
      const lasted = outcome.opened && clock.now() - began >= BRIEF;
      ended = outcome.ended;
      brief = lasted || ended ? 0 : brief + 1;
      wait = lasted ? FIRST_WAIT : grown(wait);
      // Clients that lost the same server do not come back at the same moment.
      if (!ended) await nap(wait * clock.random());
    }
    ticket = null;
    try {
      const job = await call('jobs.get', { jobId }, { signal, maxRetries: 0 });
      failures = 0;
      answers += 1;
      store.job(job);
      onFirst(job);
      if (hasEnded(job)) {
        if (job.charged !== null || unsettled >= MAX_UNSETTLED) return job;
        unsettled += 1;
      } else ticket = job.ticket;
      if (watch && ticket && !ended && isLiveWorthTrying()) continue;
      const now = `${job.status} ${job.progress.done} ${job.progress.failed}`;
      wait = now === before ? grown(wait) : FIRST_WAIT;
      before = now;
      onConnection('polling');
    } catch (error) {
      failures += 1;
      if (!mayPass(error) || failures >= MAX_FAILURES) throw error;
      onConnection('offline');
      wait = isOffline() ? OFFLINE_WAIT : grown(wait);
      await nap(asked(error));
    }
    // A little jitter, so that clients that began together do not stay together.
    await nap(wait * (0.9 + 0.2 * clock.random()));
    if (wait === OFFLINE_WAIT) wait = FIRST_WAIT;
  }

  /** Waits, but no longer than until something says that waiting makes no sense. */
  async function nap(ms: number): Promise<void> {
    if (ms === 0) return;
    const [napping, end] = linkedSignal(signal);
    await Promise.race([clock.sleep(ms, napping), nextCall(attention, napping)]).finally(() => end());
  }
}

const grown = (wait: number): number => Math.min(LONGEST_WAIT, wait * GROWTH);

/** What a job's own state makes of what is heard of it. */
const toldTo = (store: JobStore): Heard => ({
  connecting: () => store.update({ connection: 'connecting' }),
  opened: () => store.update({ connection: 'live' }),
  event(_, event) {
    if (event.type === 'item') store.items([event]);
    else if (event.type === 'progress') store.status(event.status, event);
  },
});

/** Any 5xx may pass here: the job goes on meanwhile, and asking costs nothing. */
function mayPass(error: unknown): boolean {
  return (
    isS3Error(error) &&
    asked(error) <= LONGEST_ASKED_WAIT &&
    (error.retryable || (error.status !== null && isPassing(error.status)))
  );
}

/** Milliseconds that the server asks to be left alone for. */
const asked = (error: unknown): number => (isS3Error(error) ? (error.retryAfter ?? 0) * 1000 : 0);

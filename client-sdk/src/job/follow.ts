/**
 * Following a job to its end: over a live connection where one can be had, else by asking, ever less often while nothing moves.
 * Whatever breaks off is taken up again; the server's answer to `jobs.get` is what stands in between.
 */
import { linkedController } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { isPassing, isS3Error } from '../errors.ts';
import type { Job } from '../generated/types.ts';
import type { WatchOutcome } from '../live/watch.ts';
import { type Attention, isOffline, nextCall } from './attention.ts';
import { hasEnded } from './store.ts';
import type { Connection, RunResult } from './types.ts';

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

export interface FollowDeps {
  /** One `jobs.get`, without retries of its own. */
  get(): Promise<Job>;
  /** Follows live until the connection is over; null where there are no WebSockets. */
  watch: ((ticket: string) => Promise<WatchOutcome>) | null;
  clock: Clock;
  attention: Attention;
  /** Called with every answer. */
  onJob(job: Job): void;
  onConnection(connection: Connection): void;
  signal: AbortSignal;
}

/** Resolves once the job has ended and is settled. Survives failures that pass; throws the others, and ABORTED. */
export async function follow(deps: FollowDeps, firstTicket: string | null): Promise<EndedJob> {
  const { get, clock, attention, onJob, onConnection, signal } = deps;
  const live = liveLine(deps);
  let ticket = firstTicket;
  let wait = FIRST_WAIT;
  let before = '';
  let failures = 0;
  let unsettled = 0;
  for (let answers = 0; ; ) {
    let ended = false;
    if (ticket && live.worthTrying(answers)) {
      const outcome = await live.watch(ticket);
      wait = outcome === 'lasted' ? FIRST_WAIT : grown(wait);
      // Clients that lost the same server do not come back at the same moment.
      ended = outcome === 'ended';
      if (!ended) await nap(wait * clock.random());
    }
    ticket = null;
    try {
      const job = await get();
      failures = 0;
      answers += 1;
      onJob(job);
      if (hasEnded(job)) {
        if (job.charged !== null || unsettled >= MAX_UNSETTLED) return job;
        unsettled += 1;
      } else ticket = job.ticket;
      if (ticket && !ended && live.worthTrying(answers)) continue;
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
    const [called, ignore] = nextCall(attention);
    const [controller, release] = linkedController(signal);
    try {
      await Promise.race([clock.sleep(ms, controller.signal), called]);
    } finally {
      release();
      ignore();
      controller.abort();
    }
  }
}

const grown = (wait: number): number => Math.min(LONGEST_WAIT, wait * GROWTH);

/** Connections, and whether the next is worth trying. */
function liveLine({ watch, clock }: FollowDeps) {
  let brief = 0;
  return {
    worthTrying: (answers: number) => watch && (brief < MAX_BRIEF || answers % ANSWERS_BETWEEN === 0),
    async watch(ticket: string): Promise<'ended' | 'lasted' | 'brief'> {
      const began = clock.now();
      const { opened, ended } = await (watch as NonNullable<typeof watch>)(ticket);
      const lasted = opened && clock.now() - began >= BRIEF;
      brief = lasted || ended ? 0 : brief + 1;
      if (ended) return 'ended';
      return lasted ? 'lasted' : 'brief';
    },
  };
}

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

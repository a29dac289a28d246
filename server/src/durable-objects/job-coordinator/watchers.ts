/**
 * Those who watch this job: lines that may hibernate, each with its subscriptions attached to it. Nothing that matters is kept in
 * memory, so the object may be evicted at any time, and a watcher that waits costs nothing.
 *
 * Telling is driven by position, not by occasion: whoever calls {@link Watchers.tell} has every subscription told all that the
 * stored log has beyond its position. Reading the log, sending and moving the position on is one step without a wait, so nothing
 * is told twice or left out, however calls overlap; and nothing is told that is not stored.
 */
import type { Refusal } from '../../contract/errors.ts';
import { END_OF_EVENTS, MAX_WATCH_FRAME, watchInput } from '../../contract/watch.ts';
import type { JobState } from '../../domain/job/state.ts';
import { isOver, keysIn, type LogRow, positionOf, readAfter, tell } from '../../domain/job/telling.ts';
import { invalid, ok, type Refused, type Result, refuse } from '../../domain/result.ts';
import { failure } from '../../log.ts';
import { refusalOf } from '../../wire/refusal-of.ts';
import { dataFrame, errorFrame, type Message, readFrame, startedFrame, stoppedFrame } from '../../wire/watch-frames.ts';
import { CLOSE, Lines } from './lines.ts';
import type { Attachment, JobPorts, Line, Subscription } from './ports.ts';
import type { JobShell } from './shell.ts';

type WatcherPorts = Pick<JobPorts, 'jobId' | 'clock' | 'limits' | 'lines' | 'log' | 'restart'> &
  Pick<JobPorts['store'], 'head' | 'eventsAfter'> &
  Pick<JobPorts['outside']['photos'], 'download'> & { shell: Pick<JobShell, 'job' | 'owned' | 'arm' | 'settings'> };

/** Two views of one page may share a socket; more is no use that we know of. */
const MAX_SUBSCRIPTIONS = 4;

const notFound = (): Refused => refuse('JOB_NOT_FOUND', 'no such job', null);
export const sessionRevoked = (): Refused => refuse('TOKEN_INVALID', 'the session was revoked', null);

export class Watchers {
  readonly #ports: WatcherPorts;
  readonly #lines: Lines;

  constructor(ports: WatcherPorts) {
    this.#ports = ports;
    this.#lines = new Lines(ports);
  }

  /**
   * Takes a watcher in, or says why not.
   * @param sessionFrom the moment from which his session is good
   * @param accept opens his line with this attached
   */
  async open<T>(userId: string, sessionFrom: number, accept: (attachment: Attachment) => T): Promise<Result<T>> {
    const { clock, shell } = this.#ports;
    const { sockets, socketMs, tokenMs } = this.#ports.limits().watch;
    this.sweep();
    // Those that were swept just now make room as soon as their peers have answered.
    await this.#lines.answers(sockets);
    const job = shell.owned(userId);
    if (job === null) return notFound();
    // It was revoked after the door had asked.
    if (sessionFrom < (job.sessionEpoch ?? 0)) return sessionRevoked();
    const now = clock.now();
    if (this.#lines.count >= sockets) {
      const stuck = this.letGo();
      shell.arm(job, now);
      return this.#full(stuck);
    }
    // Not beyond the token: whoever has a newer one comes back with a ticket of it.
    const until = Math.min(now + socketMs, sessionFrom + tokenMs);
    const line = accept({ userId, sessionFrom, idleSince: now, until, subscriptions: [] });
    shell.arm(job, now);
    return ok(line);
  }

  #full(stuck: boolean): Refused {
    const { sockets, idleMs } = this.#ports.limits().watch;
    const details = { retryAfterSeconds: stuck ? 1 : Math.ceil(idleMs / 1000) };
    return refuse('RATE_LIMITED', `${sockets} watch this job already`, details);
  }

  receive(line: Line, frame: string | ArrayBuffer): void {
    // A peer may go on speaking after we have closed.
    if (!line.isOpen) return;
    const read = readFrame(frame);
    if (read.kind === 'messages') {
      for (const message of read.messages) this.#take(line, message);
      return;
    }
    const limit = MAX_WATCH_FRAME;
    if (read.kind === 'malformed') {
      this.#lines.dismiss(line, invalid('frame', 'is no message of tRPC').refusal, CLOSE.policy);
    } else {
      const { refusal } = refuse('PAYLOAD_TOO_LARGE', `a frame has at most ${limit} bytes`, { limit });
      this.#lines.dismiss(line, refusal, CLOSE.tooBig);
    }
    this.#rearm();
  }

  /** The peer has closed, or its connection broke. A close that is not answered leaves its end waiting, and half of the socket here. */
  closed(line: Line, code: number, reason: string): void {
    line.close(code, reason);
  }

  /** Sends away those whose session was issued before this moment: their client stops, or comes back with another one. */
  endSessions(epoch: number): void {
    for (const line of this.#lines.open()) {
      if ((line.attachment().sessionFrom ?? 0) < epoch) this.#lines.sendAway(line, sessionRevoked().refusal);
    }
  }

  /** Has everybody told what is new. Called in the turn of a commit, which it neither delays nor breaks. */
  tell(): void {
    if (this.#lines.open().length === 0) return;
    try {
      this.#tellAll();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** When {@link sweep} or {@link letGo} next has something to do; null when nobody watches. */
  get deadline(): number | null {
    return this.#lines.deadline;
  }

  /** Closes those who subscribed to nothing, and those whose time is over: they come back with a fresh ticket. */
  sweep(): void {
    const now = this.#ports.clock.now();
    for (const line of this.#lines.open()) {
      const attachment = line.attachment();
      if (this.#lines.deadlineOf(attachment) > now) continue;
      if (attachment.subscriptions.length > 0)
        this.#lines.close(line, CLOSE.goingAway, 'come back with a fresh ticket');
      else this.#lines.dismiss(line, invalid('', 'nothing was subscribed in time').refusal, CLOSE.policy);
    }
  }

  /** The alarm's part: whose time is over is closed, and a moment is waited for the answers. */
  async sweepAndWait(): Promise<void> {
    this.sweep();
    await this.#lines.answers();
  }

  /**
   * Lets go of peers that do not answer our close. The platform has no other way to cut a socket than to end the object's life, and every
   * connection with it: those who watch come back, and go on where they were. False when there is none.
   */
  letGo(): boolean {
    const { jobId, clock, log } = this.#ports;
    const sockets = this.#lines.count;
    const stuck = sockets === 0 ? 0 : this.#lines.stuck(clock.now());
    if (stuck === 0) return false;
    log('warn', 'watch.cut', { jobId, stuck, sockets });
    this.#ports.restart('peers do not answer the close of their sockets');
    return true;
  }

  #take(line: Line, message: Message): void {
    const attachment = line.attachment();
    const { subscriptions } = attachment;
    const { to } = message;
    const known = subscriptions.find(({ id }) => id === to.id);
    if (message.kind === 'stop') {
      if (known === undefined) return;
      const left = subscriptions.filter(({ id }) => id !== to.id);
      line.keep({ ...attachment, idleSince: this.#ports.clock.now(), subscriptions: left });
      this.#rearm();
      line.send(stoppedFrame({ ...known, ...to }));
      return;
    }
    if (message.kind === 'wrong') {
      line.send(errorFrame(to, message.refusal, line.requestId, message.path));
      return;
    }
    const refusal = this.#subscribe(line, attachment, message, known !== undefined);
    if (refusal !== null) line.send(errorFrame(to, refusal, line.requestId));
  }

  /** The backlog follows with {@link tell}: the position that is kept here is all it takes. */
  #subscribe(
    line: Line,
    attachment: Attachment,
    { to, input: given }: Extract<Message, { kind: 'subscribe' }>,
    known: boolean,
  ): Refusal | null {
    const input = watchInput.safeParse(given);
    if (!input.success) return refusalOf(input.error);
    const job = this.#ports.shell.owned(attachment.userId);
    if (job === null || input.data.jobId !== job.jobId) return notFound().refusal;
    if (known) return invalid('id', 'is in use on this socket').refusal;
    if (attachment.subscriptions.length >= MAX_SUBSCRIPTIONS) {
      return invalid('id', `a socket has at most ${MAX_SUBSCRIPTIONS} subscriptions`).refusal;
    }
    const { lastEventId } = input.data;
    line.send(startedFrame(to));
    if (lastEventId === END_OF_EVENTS && isOver(job)) {
      line.send(stoppedFrame(to));
      if (attachment.subscriptions.length === 0) this.#lines.close(line, CLOSE.done, 'the job has ended');
      return null;
    }
    const at = positionOf(lastEventId, this.#ports.head());
    line.keep({ ...attachment, subscriptions: [...attachment.subscriptions, { ...to, at, status: null }] });
    this.tell();
    return null;
  }

  /** What is sent leaves with the commit: the output gate holds it back like any answer. */
  #tellAll(): void {
    const { clock, shell } = this.#ports;
    const now = clock.now();
    const job = shell.job();
    if (job === null || job.deletedAt !== null) {
      for (const line of this.#lines.open()) this.#lines.sendAway(line, notFound().refusal);
      return;
    }
    const rows = this.#unread();
    const keys = keysIn(job, rows, now, shell.settings);
    const urls = new Map(keys.map((key) => [key, this.#ports.download(key, now)]));
    for (const line of this.#lines.open()) this.#tell(line, job, rows, urls, now);
  }

  #tell(line: Line, job: JobState, rows: readonly LogRow[], urls: ReadonlyMap<string, string>, now: number): void {
    const attachment = line.attachment();
    const left: Subscription[] = [];
    for (const subscription of attachment.subscriptions) {
      const { events, told } = tell(job, rows, subscription, urls, this.#ports.shell.settings, now);
      for (const event of events) line.send(dataFrame(subscription, event));
      if (isOver(job)) line.send(stoppedFrame(subscription));
      else left.push({ ...subscription, ...told });
    }
    if (attachment.subscriptions.length === 0) return;
    line.keep({ ...attachment, subscriptions: left });
    if (left.length === 0) this.#lines.close(line, CLOSE.done, 'the job has ended');
  }

  /** Nobody is left waiting for what could not be told: they come back, and resume. */
  #fail(error: unknown): void {
    this.#ports.log('error', 'watch.failed', { jobId: this.#ports.jobId, ...failure(error) });
    for (const line of this.#lines.open()) this.#lines.close(line, CLOSE.failed, 'come back');
  }

  /** What somebody was not told yet. */
  #unread(): LogRow[] {
    const subscriptions = this.#lines.open().flatMap((line) => line.attachment().subscriptions);
    if (subscriptions.length === 0) return [];
    return this.#ports.eventsAfter(Math.min(...subscriptions.map(({ at }) => readAfter(at))));
  }

  #rearm(): void {
    this.#ports.shell.arm(this.#ports.shell.job(), this.#ports.clock.now());
  }
}

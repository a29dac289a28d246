/**
 * Those who watch this job: hibernating WebSockets, each with its subscriptions in its attachment. Nothing that matters is kept in
 * memory, so the object may be evicted at any time, and a watcher that waits costs nothing.
 *
 * Telling is driven by position, not by occasion: whoever calls {@link Watchers.wake} has every subscription told all that the
 * stored log has beyond its position. Reading the log, sending and moving the position on is one step without a wait, so nothing
 * is told twice or left out, however calls overlap; and nothing is told that is not stored.
 */
import type { Refusal } from '../../contract/errors.ts';
import { END_OF_EVENTS, MAX_WATCH_FRAME, watchInput } from '../../contract/watch.ts';
import type { JobState } from '../../domain/job/state.ts';
import { isOver, keysIn, type LogRow, positionOf, readAfter, type Told, tell } from '../../domain/job/telling.ts';
import { invalid, type Refused, refuse } from '../../domain/result.ts';
import { answerRefusal } from '../../doors/envelope.ts';
import { refusalOf } from '../../doors/refusal-of.ts';
import { failure, log } from '../../log.ts';
import { presignDownload } from '../../storage/presign.ts';
import {
  type Addressee,
  dataFrame,
  errorFrame,
  type Message,
  readFrame,
  startedFrame,
  stoppedFrame,
} from '../../wire/watch-frames.ts';
import type { JobShell } from './shell.ts';

/** Who was admitted, the moment from which his session is good, and the request to name in logs and errors. */
type Admitted = { userId: string; sessionFrom: number; requestId: string };
type Subscription = Told & Addressee;
/** What a socket carries through hibernation: some 100 bytes, of the platform's 2,048. Times in milliseconds since the Unix epoch. */
type Attachment = {
  userId: string;
  /** When the session was issued that it was opened for; sockets of an earlier release do not say. */
  sessionFrom?: number;
  /** Since when it has had no subscription, if it has none. */
  idleSince: number;
  until: number;
  subscriptions: Subscription[];
  /** When we closed it, and when somebody has to look whether its peer has answered that. */
  closed?: { at: number; look: number };
};

/** Two views of one page may share a socket; more is no use that we know of. */
const MAX_SUBSCRIPTIONS = 4;
/** Close codes of RFC 6455. */
const CLOSE = { done: 1000, goingAway: 1001, policy: 1008, tooBig: 1009, failed: 1011 } as const;

/** How long a peer that is there takes at most to answer a close, and how often to look. Milliseconds. */
const ANSWER_MS = 500;
const ANSWER_STEP_MS = 10;
/** Codes that stand for a close without one, and are never sent (RFC 6455, 7.4.1). */
const UNSENDABLE: ReadonlySet<number> = new Set([1004, 1005, 1006, 1015]);

const notFound = (): Refused => refuse('JOB_NOT_FOUND', 'no such job', null);
export const sessionRevoked = (): Refused => refuse('TOKEN_INVALID', 'the session was revoked', null);

/** The upgrade as the Worker's door passes it on: of the client's own request, nothing. */
export function upgradeOf({ userId, sessionFrom, requestId }: Admitted): Request {
  const admitted = { 'x-user-id': userId, 'x-session-from': `${sessionFrom}`, 'x-request-id': requestId };
  return new Request('https://job-coordinator/', { headers: { upgrade: 'websocket', ...admitted } });
}

export class Watchers {
  readonly #shell: JobShell;

  constructor(shell: JobShell) {
    this.#shell = shell;
  }

  /** Takes a watcher in, or answers why not. @param request of {@link upgradeOf} */
  async open(request: Request): Promise<Response> {
    const userId = request.headers.get('x-user-id') ?? '';
    const requestId = request.headers.get('x-request-id') ?? '';
    const sessionFrom = Number(request.headers.get('x-session-from') ?? 0);
    const { ctx, settings } = this.#shell;
    const { WATCH_MAX_SOCKETS, WATCH_SOCKET_MS, TOKEN_SECONDS } = settings.numbers;
    this.sweep(Date.now());
    // Those that were swept just now make room as soon as their peers have answered.
    await this.answers(WATCH_MAX_SOCKETS);
    const job = this.#jobOf(userId);
    if (job === null) return answerRefusal(requestId, notFound().refusal);
    // It was revoked after the door had asked.
    if (sessionFrom < (job.sessionEpoch ?? 0)) return answerRefusal(requestId, sessionRevoked().refusal);
    const now = Date.now();
    if (ctx.getWebSockets().length >= WATCH_MAX_SOCKETS) {
      const stuck = this.letGo(now);
      this.#shell.arm(job, now);
      return answerRefusal(requestId, this.#full(stuck).refusal);
    }
    const { 0: client, 1: server } = new WebSocketPair();
    // Signs of life are answered without waking the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('PING', 'PONG'));
    ctx.acceptWebSocket(server, [requestId]);
    // Not beyond the token: whoever has a newer one comes back with a ticket of it.
    const until = Math.min(now + WATCH_SOCKET_MS, sessionFrom + TOKEN_SECONDS * 1000);
    keep(server, { userId, sessionFrom, idleSince: now, until, subscriptions: [] });
    this.#shell.arm(job, now);
    return new Response(null, { status: 101, webSocket: client });
  }

  #full(stuck: boolean): Refused {
    const { WATCH_MAX_SOCKETS, WATCH_IDLE_MS } = this.#shell.settings.numbers;
    const details = { retryAfterSeconds: stuck ? 1 : Math.ceil(WATCH_IDLE_MS / 1000) };
    return refuse('RATE_LIMITED', `${WATCH_MAX_SOCKETS} watch this job already`, details);
  }

  receive(socket: WebSocket, frame: string | ArrayBuffer): void {
    // A peer may go on speaking after we have closed.
    if (socket.readyState !== WebSocket.OPEN) return;
    const read = readFrame(frame);
    if (read.kind === 'messages') {
      for (const message of read.messages) this.#take(socket, message);
      return;
    }
    const limit = MAX_WATCH_FRAME;
    if (read.kind === 'malformed') {
      this.#dismiss(socket, invalid('frame', 'is no message of tRPC').refusal, CLOSE.policy);
    } else {
      const { refusal } = refuse('PAYLOAD_TOO_LARGE', `a frame has at most ${limit} bytes`, { limit });
      this.#dismiss(socket, refusal, CLOSE.tooBig);
    }
    this.#shell.arm(this.#shell.job(), Date.now());
  }

  /** The peer has closed, or its connection broke. A close that is not answered leaves its end waiting, and half of the socket here. */
  closed(socket: WebSocket, code: number, reason: string): void {
    close(socket, UNSENDABLE.has(code) ? CLOSE.done : code, reason);
  }

  /** Sends away those whose session was issued before this moment: their client stops, or comes back with another one. */
  endSessions(epoch: number): void {
    for (const socket of this.#sockets()) {
      if ((attachmentOf(socket).sessionFrom ?? 0) < epoch) this.#sendAway(socket, sessionRevoked().refusal);
    }
  }

  /** Has everybody told what is new. Called in the turn of a commit, which it neither delays nor breaks. */
  wake(): void {
    if (this.#sockets().length === 0) return;
    try {
      this.#tellAll();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** When {@link sweep} or {@link letGo} next has something to do; null when there is no socket. */
  get deadline(): number | null {
    const sockets = this.#shell.ctx.getWebSockets();
    const times = sockets.map((socket) => this.#deadlineOf(attachmentOf(socket)));
    return times.length === 0 ? null : Math.min(...times);
  }

  /**
   * Waits a moment for peers to answer the close of their sockets, as all do that are there: then nobody has to look after them.
   * @param places sockets of which no answer is waited for once there are fewer
   */
  async answers(places = 1): Promise<void> {
    for (let waited = 0; waited < ANSWER_MS && this.#areClosing(places); waited += ANSWER_STEP_MS) {
      await scheduler.wait(ANSWER_STEP_MS);
    }
  }

  /**
   * Lets go of peers that do not answer our close. The platform has no other way to cut a socket than to end the object's life, and every
   * connection with it: those who watch come back, and go on where they were. False when there is none.
   */
  letGo(now: number): boolean {
    const sockets = this.#shell.ctx.getWebSockets();
    if (sockets.length === 0) return false;
    const latest = now - this.#shell.settings.numbers.WATCH_CLOSE_MS;
    const stuck = sockets.filter((socket) => (attachmentOf(socket).closed?.at ?? Number.POSITIVE_INFINITY) <= latest);
    if (stuck.length === 0) return false;
    const jobId = this.#shell.ctx.id.toString();
    log('warn', 'watch.cut', { jobId, stuck: stuck.length, sockets: sockets.length });
    this.#shell.restart('peers do not answer the close of their sockets');
    return true;
  }

  /** Closes those who subscribed to nothing, and those whose time is over: they come back with a fresh ticket. */
  sweep(now: number): void {
    for (const socket of this.#sockets()) {
      const attachment = attachmentOf(socket);
      if (this.#deadlineOf(attachment) > now) continue;
      if (attachment.subscriptions.length > 0) this.#close(socket, CLOSE.goingAway, 'come back with a fresh ticket');
      else this.#dismiss(socket, invalid('', 'nothing was subscribed in time').refusal, CLOSE.policy);
    }
  }

  #take(socket: WebSocket, message: Message): void {
    const attachment = attachmentOf(socket);
    const { subscriptions } = attachment;
    const { to } = message;
    const known = subscriptions.find(({ id }) => id === to.id);
    if (message.kind === 'stop') {
      if (known === undefined) return;
      const left = subscriptions.filter(({ id }) => id !== to.id);
      keep(socket, { ...attachment, idleSince: Date.now(), subscriptions: left });
      this.#shell.arm(this.#shell.job(), Date.now());
      send(socket, stoppedFrame({ ...known, ...to }));
      return;
    }
    if (message.kind === 'wrong') {
      send(socket, errorFrame(to, message.refusal, this.#requestOf(socket), message.path));
      return;
    }
    const refusal = this.#subscribe(socket, attachment, message, known !== undefined);
    if (refusal !== null) send(socket, errorFrame(to, refusal, this.#requestOf(socket)));
  }

  /** The backlog follows with {@link wake}: the position that is kept here is all it takes. */
  #subscribe(
    socket: WebSocket,
    attachment: Attachment,
    { to, input: given }: Extract<Message, { kind: 'subscribe' }>,
    known: boolean,
  ): Refusal | null {
    const input = watchInput.safeParse(given);
    if (!input.success) return refusalOf(input.error);
    const job = this.#jobOf(attachment.userId);
    if (job === null || input.data.jobId !== job.jobId) return notFound().refusal;
    if (known) return invalid('id', 'is in use on this socket').refusal;
    if (attachment.subscriptions.length >= MAX_SUBSCRIPTIONS) {
      return invalid('id', `a socket has at most ${MAX_SUBSCRIPTIONS} subscriptions`).refusal;
    }
    const { lastEventId } = input.data;
    send(socket, startedFrame(to));
    if (lastEventId === END_OF_EVENTS && isOver(job)) {
      send(socket, stoppedFrame(to));
      if (attachment.subscriptions.length === 0) this.#close(socket, CLOSE.done, 'the job has ended');
      return null;
    }
    const at = positionOf(lastEventId, this.#shell.store.head());
    keep(socket, { ...attachment, subscriptions: [...attachment.subscriptions, { ...to, at, status: null }] });
    this.wake();
    return null;
  }

  /** What is sent leaves with the commit: the output gate holds it back like any answer. */
  #tellAll(): void {
    const now = Date.now();
    const job = this.#shell.job();
    if (job === null || job.deletedAt !== null) {
      this.#dismissAll();
      return;
    }
    const rows = this.#unread();
    const { settings } = this.#shell;
    const keys = keysIn(job, rows, now, settings.job);
    const urls = new Map(keys.map((key) => [key, presignDownload(key, now, settings)]));
    for (const socket of this.#sockets()) this.#tell(socket, job, rows, urls);
  }

  #tell(socket: WebSocket, job: JobState, rows: readonly LogRow[], urls: ReadonlyMap<string, string>): void {
    const attachment = attachmentOf(socket);
    const left: Subscription[] = [];
    for (const subscription of attachment.subscriptions) {
      const { events, told } = tell(job, rows, subscription, urls, this.#shell.settings.job);
      for (const event of events) send(socket, dataFrame(subscription, event));
      if (isOver(job)) send(socket, stoppedFrame(subscription));
      else left.push({ ...subscription, ...told });
    }
    if (attachment.subscriptions.length === 0) return;
    keep(socket, { ...attachment, subscriptions: left });
    if (left.length === 0) this.#close(socket, CLOSE.done, 'the job has ended');
  }

  /** Nobody is left waiting for what could not be told: they come back, and resume. */
  #fail(error: unknown): void {
    log('error', 'watch.failed', { jobId: this.#shell.ctx.id.toString(), ...failure(error) });
    for (const socket of this.#sockets()) this.#close(socket, CLOSE.failed, 'come back');
  }

  /** What somebody was not told yet. */
  #unread(): LogRow[] {
    const subscriptions = this.#sockets().flatMap((socket) => attachmentOf(socket).subscriptions);
    if (subscriptions.length === 0) return [];
    return this.#shell.store.eventsAfter(Math.min(...subscriptions.map(({ at }) => readAfter(at))));
  }

  /** The job was deleted. */
  #dismissAll(): void {
    for (const socket of this.#sockets()) this.#sendAway(socket, notFound().refusal);
  }

  /** A client takes note of an error under the id of its own subscription only. */
  #sendAway(socket: WebSocket, refusal: Refusal): void {
    for (const subscription of attachmentOf(socket).subscriptions) {
      send(socket, errorFrame(subscription, refusal, this.#requestOf(socket)));
    }
    this.#dismiss(socket, refusal, CLOSE.policy);
  }

  /** Under the id null, a client that comes back by itself waits longer each time. */
  #dismiss(socket: WebSocket, refusal: Refusal, code: number): void {
    send(socket, errorFrame(null, refusal, this.#requestOf(socket)));
    this.#close(socket, code, refusal.message);
  }

  /** One that has been told the end is looked after by the alarm that is set for it anyway: no row is written for that. */
  #close(socket: WebSocket, code: number, reason: string): void {
    const attachment = attachmentOf(socket);
    const at = Date.now();
    const look = code === CLOSE.done ? attachment.until : at + this.#shell.settings.numbers.WATCH_CLOSE_MS;
    keep(socket, { ...attachment, closed: { at, look } });
    close(socket, code, reason);
  }

  #areClosing(places: number): boolean {
    const sockets = this.#shell.ctx.getWebSockets();
    return sockets.length >= places && sockets.some(({ readyState }) => readyState !== WebSocket.OPEN);
  }

  /** The job, if it is this user's and was not deleted. Absent and foreign look the same. */
  #jobOf(userId: string): JobState | null {
    const job = this.#shell.job();
    return job !== null && job.userId === userId && job.deletedAt === null ? job : null;
  }

  #deadlineOf({ idleSince, until, subscriptions, closed }: Attachment): number {
    if (closed !== undefined) return closed.look;
    if (subscriptions.length > 0) return until;
    return Math.min(until, idleSince + this.#shell.settings.numbers.WATCH_IDLE_MS);
  }

  /** Without those that are closing, who are told nothing any more. */
  #sockets(): WebSocket[] {
    return this.#shell.ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN);
  }

  #requestOf(socket: WebSocket): string {
    return this.#shell.ctx.getTags(socket)[0] ?? '';
  }
}

const attachmentOf = (socket: WebSocket): Attachment => socket.deserializeAttachment() as Attachment;
const keep = (socket: WebSocket, attachment: Attachment): void => socket.serializeAttachment(attachment);

/** A socket whose peer has gone throws. Its client comes back with the id of the last event that it had. */
function send(socket: WebSocket, frame: string): void {
  try {
    socket.send(frame);
  } catch {
    // Others are told all the same.
  }
}

/** A code that cannot be sent is one that a peer made up. */
function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    socket.close(CLOSE.done);
  }
}

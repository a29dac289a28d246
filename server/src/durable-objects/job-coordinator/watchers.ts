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
import { isOver, keysIn, type LogRow, positionOf, readAfter, type Told, tell } from '../../domain/job/watch.ts';
import { invalid, type Refused, refuse } from '../../domain/result.ts';
import { answerRefusal } from '../../http/envelope.ts';
import { refusalOf } from '../../http/refusal-of.ts';
import { log, reasonOf } from '../../log.ts';
import { presignDownload } from '../../storage/presign.ts';
import {
  dataFrame,
  errorFrame,
  type FrameId,
  type Message,
  readFrame,
  startedFrame,
  stoppedFrame,
  WATCH_PATH,
} from '../../wire/watch-frames.ts';
import type { JobShell } from './shell.ts';

/** Who was admitted, and the request to name in logs and errors. */
type Admitted = { userId: string; requestId: string };
type Subscription = Told & { id: FrameId };
/** What a socket carries through hibernation: some 100 bytes, of the platform's 2,048. Times in milliseconds since the Unix epoch. */
type Attachment = {
  userId: string;
  /** Since when it has had no subscription, if it has none. */
  idleSince: number;
  until: number;
  subscriptions: Subscription[];
};

/** Two views of one page may share a socket; more is no use that we know of. */
const MAX_SUBSCRIPTIONS = 4;
/** Close codes of RFC 6455. */
const CLOSE = { done: 1000, goingAway: 1001, policy: 1008, tooBig: 1009, failed: 1011 } as const;

const notFound = (): Refused => refuse('JOB_NOT_FOUND', 'no such job', null);

/** The upgrade as the Worker's door passes it on: of the client's own request, nothing. */
export function upgradeOf({ userId, requestId }: Admitted): Request {
  return new Request('https://job-coordinator/', {
    headers: { upgrade: 'websocket', 'x-user-id': userId, 'x-request-id': requestId },
  });
}

export class Watchers {
  readonly #shell: JobShell;

  constructor(shell: JobShell) {
    this.#shell = shell;
  }

  /** Takes a watcher in, or answers why not. @param request of {@link upgradeOf} */
  open(request: Request): Response {
    const userId = request.headers.get('x-user-id') ?? '';
    const requestId = request.headers.get('x-request-id') ?? '';
    const { ctx, settings } = this.#shell;
    const { WATCH_MAX_SOCKETS, WATCH_SOCKET_MS, WATCH_IDLE_MS } = settings.numbers;
    const job = this.#jobOf(userId);
    if (job === null) return answerRefusal(requestId, notFound().refusal);
    const now = Date.now();
    this.sweep(now);
    if (this.#sockets().length >= WATCH_MAX_SOCKETS) {
      const details = { retryAfterSeconds: Math.ceil(WATCH_IDLE_MS / 1000) };
      const message = `${WATCH_MAX_SOCKETS} watch this job already`;
      return answerRefusal(requestId, refuse('RATE_LIMITED', message, details).refusal);
    }
    const { 0: client, 1: server } = new WebSocketPair();
    // Signs of life are answered without waking the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('PING', 'PONG'));
    ctx.acceptWebSocket(server, [requestId]);
    keep(server, { userId, idleSince: now, until: now + WATCH_SOCKET_MS, subscriptions: [] });
    this.#shell.arm(job, now);
    return new Response(null, { status: 101, webSocket: client });
  }

  receive(socket: WebSocket, frame: string | ArrayBuffer): void {
    const read = readFrame(frame);
    if (read.kind === 'messages') for (const message of read.messages) this.#take(socket, message);
    else if (read.kind === 'malformed') {
      this.#dismiss(socket, invalid('frame', 'is no message of tRPC').refusal, CLOSE.policy);
    } else {
      const limit = MAX_WATCH_FRAME;
      const { refusal } = refuse('PAYLOAD_TOO_LARGE', `a frame has at most ${limit} bytes`, { limit });
      this.#dismiss(socket, refusal, CLOSE.tooBig);
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

  /** When {@link sweep} next has something to do; null when nobody watches. */
  get deadline(): number | null {
    const times = this.#sockets().map((socket) => this.#deadlineOf(attachmentOf(socket)));
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Closes those who subscribed to nothing, and those whose time is over: they come back with a fresh ticket. */
  sweep(now: number): void {
    for (const socket of this.#sockets()) {
      const attachment = attachmentOf(socket);
      if (this.#deadlineOf(attachment) > now) continue;
      if (attachment.subscriptions.length > 0) close(socket, CLOSE.goingAway, 'come back with a fresh ticket');
      else this.#dismiss(socket, invalid('', 'nothing was subscribed in time').refusal, CLOSE.policy);
    }
  }

  #take(socket: WebSocket, message: Message): void {
    const attachment = attachmentOf(socket);
    const { subscriptions } = attachment;
    const known = subscriptions.some(({ id }) => id === message.id);
    if (message.kind === 'stop') {
      if (!known) return;
      const left = subscriptions.filter(({ id }) => id !== message.id);
      keep(socket, { ...attachment, idleSince: Date.now(), subscriptions: left });
      this.#shell.arm(this.#shell.job(), Date.now());
      send(socket, stoppedFrame(message.id));
      return;
    }
    const refusal = this.#subscribe(socket, attachment, message, known);
    if (refusal !== null) send(socket, errorFrame(message.id, refusal, this.#requestOf(socket)));
  }

  /** The backlog follows with {@link wake}: the position that is kept here is all it takes. */
  #subscribe(
    socket: WebSocket,
    attachment: Attachment,
    message: Exclude<Message, { kind: 'stop' }>,
    known: boolean,
  ): Refusal | null {
    const { id } = message;
    if (message.kind === 'call' || message.path !== WATCH_PATH) {
      return refuse('NOT_FOUND', `only the subscription ${WATCH_PATH} is served here`, null).refusal;
    }
    const input = watchInput.safeParse(message.input);
    if (!input.success) return refusalOf(input.error);
    const job = this.#jobOf(attachment.userId);
    if (job === null || input.data.jobId !== job.jobId) return notFound().refusal;
    if (known) return invalid('id', 'is in use on this socket').refusal;
    if (attachment.subscriptions.length >= MAX_SUBSCRIPTIONS) {
      return invalid('id', `a socket has at most ${MAX_SUBSCRIPTIONS} subscriptions`).refusal;
    }
    const { lastEventId } = input.data;
    send(socket, startedFrame(id));
    if (lastEventId === END_OF_EVENTS && isOver(job)) {
      send(socket, stoppedFrame(id));
      if (attachment.subscriptions.length === 0) close(socket, CLOSE.done, 'the job has ended');
      return null;
    }
    const at = positionOf(lastEventId, this.#shell.store.head());
    keep(socket, { ...attachment, subscriptions: [...attachment.subscriptions, { id, at, status: null }] });
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
      const { id } = subscription;
      const { events, told } = tell(job, rows, subscription, urls, this.#shell.settings.job);
      for (const event of events) send(socket, dataFrame(id, event));
      if (isOver(job)) send(socket, stoppedFrame(id));
      else left.push({ id, ...told });
    }
    if (attachment.subscriptions.length === 0) return;
    keep(socket, { ...attachment, subscriptions: left });
    if (left.length === 0) close(socket, CLOSE.done, 'the job has ended');
  }

  /** Nobody is left waiting for what could not be told: they come back, and resume. */
  #fail(error: unknown): void {
    log('error', 'watch.failed', { jobId: this.#shell.ctx.id.toString(), reason: reasonOf(error) });
    for (const socket of this.#sockets()) close(socket, CLOSE.failed, 'come back');
  }

  /** What somebody was not told yet. */
  #unread(): LogRow[] {
    const subscriptions = this.#sockets().flatMap((socket) => attachmentOf(socket).subscriptions);
    if (subscriptions.length === 0) return [];
    return this.#shell.store.eventsAfter(Math.min(...subscriptions.map(({ at }) => readAfter(at))));
  }

  /** The job was deleted. */
  #dismissAll(): void {
    const { refusal } = notFound();
    for (const socket of this.#sockets()) {
      for (const { id } of attachmentOf(socket).subscriptions) {
        send(socket, errorFrame(id, refusal, this.#requestOf(socket)));
      }
      this.#dismiss(socket, refusal, CLOSE.policy);
    }
  }

  /** Under the id null, a client that comes back by itself waits longer each time. */
  #dismiss(socket: WebSocket, refusal: Refusal, code: number): void {
    send(socket, errorFrame(null, refusal, this.#requestOf(socket)));
    close(socket, code, refusal.message);
  }

  /** The job, if it is this user's and was not deleted. Absent and foreign look the same. */
  #jobOf(userId: string): JobState | null {
    const job = this.#shell.job();
    return job !== null && job.userId === userId && job.deletedAt === null ? job : null;
  }

  #deadlineOf({ idleSince, until, subscriptions }: Attachment): number {
    if (subscriptions.length > 0) return until;
    return Math.min(until, idleSince + this.#shell.settings.numbers.WATCH_IDLE_MS);
  }

  /** Without those that are closing: a peer that is gone may never confirm it. */
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

function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It is closed already.
  }
}

/** Those who watch a job: sockets with subscriptions that stand at positions in its log, told as the server tells them. */
import type { Refusal } from '../../../server/src/contract/errors.ts';
import { END_OF_EVENTS, watchInput } from '../../../server/src/contract/watch.ts';
import type { JobState } from '../../../server/src/domain/job/state.ts';
import { isOver, keysIn, type LogRow, positionOf, type Told, tell } from '../../../server/src/domain/job/telling.ts';
import { invalid, refuse } from '../../../server/src/domain/result.ts';
import { rpcRefusalOf } from '../../../server/src/rpc/errors.ts';
import {
  type Addressee,
  dataFrame,
  errorFrame,
  type Message,
  readFrame,
  startedFrame,
  stoppedFrame,
} from '../../../server/src/wire/watch-frames.ts';
import type { Surroundings } from './surroundings.ts';

/** The server's end of one socket. */
export interface Line {
  send(frame: string): void;
  close(code: number, reason: string): void;
}

/** The job that they watch, with the rows of its log, numbered from 1. */
type Watched = { readonly state: JobState; readonly log: readonly LogRow[] };
type Subscription = Told & Addressee;
interface Watcher {
  line: Line;
  userId: string;
  requestId: string;
  subscriptions: Subscription[];
  /** Ends the wait for what closes it. */
  disarm(): void;
}

const MAX_SUBSCRIPTIONS = 4;
/** Close codes of RFC 6455. */
const CLOSE = { done: 1000, goingAway: 1001, policy: 1008, tooBig: 1009 } as const;

const sessionRevoked = (): Refusal => refuse('TOKEN_INVALID', 'the session was revoked', null).refusal;
const notFound = (): Refusal => refuse('JOB_NOT_FOUND', 'no such job', null).refusal;

export class Watchers {
  readonly #world: Surroundings;
  readonly #job: Watched;
  readonly #watchers = new Map<Line, Watcher>();

  constructor(world: Surroundings, job: Watched) {
    this.#world = world;
    this.#job = job;
  }

  /** Takes a watcher in; false when there are too many or the job is gone. */
  open(line: Line, userId: string): boolean {
    const { state } = this.#job;
    if (state.deletedAt !== null || state.userId !== userId) return false;
    if (this.#watchers.size >= this.#world.settings.watchMaxSockets) return false;
    const watcher = { line, userId, requestId: this.#world.unique('req_'), subscriptions: [], disarm: () => {} };
    this.#watchers.set(line, watcher);
    const { clock, settings } = this.#world;
    clock.at(clock.now() + settings.watchSocketMs, () =>
      this.#end(watcher, CLOSE.goingAway, 'come back with a fresh ticket'),
    );
    this.#expectSubscription(watcher);
    return true;
  }

  /** The other end is gone. */
  leave(line: Line): void {
    this.#watchers.get(line)?.disarm();
    this.#watchers.delete(line);
  }

  receive(line: Line, frame: string): void {
    const watcher = this.#watchers.get(line);
    if (watcher === undefined) return;
    const read = readFrame(frame);
    if (frame === 'PING') line.send('PONG');
    else if (read.kind === 'messages') for (const message of read.messages) this.#take(watcher, message);
    else if (read.kind === 'malformed') {
      this.#dismiss(watcher, invalid('frame', 'is no message of tRPC').refusal, CLOSE.policy);
    } else {
      this.#dismiss(
        watcher,
        refuse('PAYLOAD_TOO_LARGE', 'the frame is too large', { limit: 4096 }).refusal,
        CLOSE.tooBig,
      );
    }
  }

  /** The user's sessions were revoked: whoever watches with one of them is sent away. */
  endSessions(userId: string): void {
    for (const watcher of [...this.#watchers.values()]) {
      if (watcher.userId !== userId) continue;
      for (const subscription of watcher.subscriptions) {
        watcher.line.send(errorFrame(subscription, sessionRevoked(), watcher.requestId));
      }
      this.#dismiss(watcher, sessionRevoked(), CLOSE.policy);
    }
  }

  /** Tells everybody what is new. */
  wake(): void {
    const { state, log } = this.#job;
    const { storage, settings, clock } = this.#world;
    for (const watcher of [...this.#watchers.values()]) {
      if (state.deletedAt !== null) {
        for (const subscription of watcher.subscriptions) {
          watcher.line.send(errorFrame(subscription, notFound(), watcher.requestId));
        }
        this.#dismiss(watcher, notFound(), CLOSE.policy);
        continue;
      }
      if (watcher.subscriptions.length === 0) continue;
      const urls = new Map(keysIn(state, log, clock.now(), settings).map((key) => [key, storage.signDownload(key)]));
      const left: Subscription[] = [];
      for (const subscription of watcher.subscriptions) {
        const { events, told } = tell(state, log, subscription, urls, settings);
        for (const event of events) watcher.line.send(dataFrame(subscription, event));
        if (isOver(state)) watcher.line.send(stoppedFrame(subscription));
        else left.push({ ...subscription, ...told });
      }
      watcher.subscriptions = left;
      if (left.length === 0) this.#end(watcher, CLOSE.done, 'the job has ended');
    }
  }

  #take(watcher: Watcher, message: Message): void {
    const { line } = watcher;
    const { to } = message;
    const known = watcher.subscriptions.find(({ id }) => id === to.id);
    if (message.kind === 'stop') {
      if (known === undefined) return;
      watcher.subscriptions = watcher.subscriptions.filter(({ id }) => id !== to.id);
      if (watcher.subscriptions.length === 0) this.#expectSubscription(watcher);
      line.send(stoppedFrame({ ...known, ...to }));
      return;
    }
    if (message.kind === 'wrong') {
      line.send(errorFrame(to, message.refusal, watcher.requestId, message.path));
      return;
    }
    const refusal = this.#subscribe(watcher, message, known !== undefined);
    if (refusal !== null) line.send(errorFrame(to, refusal, watcher.requestId));
  }

  #subscribe(
    watcher: Watcher,
    { to, input: given }: Extract<Message, { kind: 'subscribe' }>,
    known: boolean,
  ): Refusal | null {
    const { state, log } = this.#job;
    const input = watchInput.safeParse(given);
    if (!input.success) return rpcRefusalOf(input.error);
    if (state.deletedAt !== null || input.data.jobId !== state.jobId) return notFound();
    if (known) return invalid('id', 'is in use on this socket').refusal;
    if (watcher.subscriptions.length >= MAX_SUBSCRIPTIONS) {
      return invalid('id', `a socket has at most ${MAX_SUBSCRIPTIONS} subscriptions`).refusal;
    }
    watcher.line.send(startedFrame(to));
    const { lastEventId } = input.data;
    if (lastEventId === END_OF_EVENTS && isOver(state)) {
      watcher.line.send(stoppedFrame(to));
      if (watcher.subscriptions.length === 0) this.#end(watcher, CLOSE.done, 'the job has ended');
      return null;
    }
    watcher.disarm();
    watcher.subscriptions.push({ ...to, at: positionOf(lastEventId, log.length), status: null });
    this.wake();
    return null;
  }

  #expectSubscription(watcher: Watcher): void {
    const { clock, settings } = this.#world;
    watcher.disarm = clock.at(clock.now() + settings.watchIdleMs, () => {
      this.#dismiss(watcher, invalid('', 'nothing was subscribed in time').refusal, CLOSE.policy);
    });
  }

  #dismiss(watcher: Watcher, refusal: Refusal, code: number): void {
    watcher.line.send(errorFrame(null, refusal, watcher.requestId));
    this.#end(watcher, code, refusal.message);
  }

  #end(watcher: Watcher, code: number, reason: string): void {
    this.leave(watcher.line);
    watcher.line.close(code, reason);
  }
}

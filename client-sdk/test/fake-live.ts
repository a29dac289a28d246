/** The other end of `jobs.watch`: sockets in memory that speak the server's format, and a job's log that they resume from. */
import superjson from 'superjson';
import type { WatchEvent } from '../../server/src/contract/watch.ts';
import type { Socket, SocketConstructor } from '../src/live/watch.ts';

type Listener = (event: { data?: unknown }) => void;

export class FakeSocket implements Socket {
  readonly url: string;
  readonly sent: string[] = [];
  /** Whether the client closed it. */
  closed = false;
  /** A network that swallows everything: nothing arrives and nobody notices. */
  deaf = false;
  readonly #listeners = new Map<string, Listener[]>();
  readonly #server: FakeLive;

  constructor(url: string, server: FakeLive) {
    this.url = url;
    this.#server = server;
  }
  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  send(text: string): void {
    this.sent.push(text);
    if (!this.deaf) this.#server.heard(this, text);
  }
  close(): void {
    this.closed = true;
  }
  fire(type: string, data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }
  say(frame: unknown): void {
    if (!this.deaf) this.fire('message', typeof frame === 'string' ? frame : JSON.stringify(frame));
  }
  tell([id, data]: [string, WatchEvent]): void {
    this.say({ id: 1, result: { type: 'data', id, data: superjson.serialize({ id, data }) } });
  }
  /** The line breaks, and the client hears of it. */
  drop(): void {
    this.deaf = true;
    this.fire('close');
  }
}

export class FakeLive {
  readonly sockets: FakeSocket[] = [];
  readonly log: [string, WatchEvent][] = [];
  /** What happens to a new socket; it opens when this is left alone. */
  onConnect: (socket: FakeSocket) => void = (socket) => socket.fire('open');
  readonly #watching = new Set<FakeSocket>();
  readonly WebSocket: SocketConstructor;

  constructor() {
    const live = this;
    this.WebSocket = class {
      constructor(url: string) {
        const socket = new FakeSocket(url, live);
        live.sockets.push(socket);
        queueMicrotask(() => live.onConnect(socket));
        // biome-ignore lint/correctness/noConstructorReturn: the client sees the socket itself
        return socket;
      }
    } as SocketConstructor;
  }

  get last(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }

  /** Appends to the log, and tells who watches. */
  push(...events: [string, WatchEvent][]): void {
    for (const event of events) {
      this.log.push(event);
      for (const socket of this.#watching) socket.tell(event);
    }
  }

  /** The ids that each subscription resumed behind. */
  get resumed(): (string | undefined)[] {
    return this.sockets.flatMap(({ sent }) => sent.flatMap((text) => subscriptionIn(text)?.lastEventId ?? []));
  }

  heard(socket: FakeSocket, text: string): void {
    if (text === 'PING') socket.say('PONG');
    const params = subscriptionIn(text);
    if (params === null) return;
    socket.say({ id: 1, result: { type: 'started' } });
    const from = this.log.findIndex(([id]) => id === params.lastEventId) + 1;
    for (const event of this.log.slice(from)) socket.tell(event);
    this.#watching.add(socket);
  }
}

function subscriptionIn(text: string): { lastEventId?: string } | null {
  return text.startsWith('{') ? JSON.parse(text).params : null;
}

export const item = (idx: number): WatchEvent => ({ type: 'item', idx, status: 'done', resultUrl: `r/${idx}` });

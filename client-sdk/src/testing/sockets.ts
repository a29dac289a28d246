/** `WebSocket` for the test server: the same events in the same order, without a network. */
import type { Socket, SocketConstructor } from '../live/watch.ts';
import type { Line } from './watchers.ts';
import type { World } from './world.ts';

type Kind = 'open' | 'message' | 'close' | 'error';
type Listener = (event: { type: string; data?: unknown; code?: number; reason?: string }) => void;

/** `readyState` of a WebSocket. */
const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;
/** The close code of a connection that broke. */
const ABNORMAL = 1006;

/** All open sockets of one test server, and the class that opens them. */
export interface Sockets {
  WebSocket: SocketConstructor;
  /** Breaks every connection, as a lost network does. */
  dropAll(): void;
}

export function createSockets(world: World): Sockets {
  const open = new Set<TestSocket>();
  return {
    WebSocket: class extends TestSocket {
      constructor(url: string) {
        super(url, world, open);
      }
    },
    dropAll() {
      for (const socket of [...open]) socket.drop();
    },
  };
}

class TestSocket implements Socket, Line {
  readonly url: string;
  readonly #world: World;
  readonly #open: Set<TestSocket>;
  readyState = CONNECTING;
  readonly #listeners = new Map<Kind, Set<Listener>>();
  #watched: { receive(line: Line, frame: string): void; leave(line: Line): void } | null = null;
  /** The client's end speaks through `send`, the server's through this. */
  readonly #line: Line = {
    send: (frame) => queueMicrotask(() => this.readyState === OPEN && this.#tell('message', { data: frame })),
    close: (code, reason) => queueMicrotask(() => this.#end(code, reason)),
  };

  constructor(url: string, world: World, open: Set<TestSocket>) {
    this.url = url;
    this.#world = world;
    this.#open = open;
    setTimeout(() => this.#connect(), 0);
  }

  addEventListener(type: Kind, listener: Listener): void {
    const known = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, known.add(listener));
  }

  removeEventListener(type: Kind, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  send(frame: string): void {
    if (this.readyState === CONNECTING) throw new Error('the socket is not open yet');
    queueMicrotask(() => this.#watched?.receive(this.#line, frame));
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState === CLOSED) return;
    this.#watched?.leave(this.#line);
    queueMicrotask(() => this.#end(code, reason));
  }

  /** The connection breaks. */
  drop(): void {
    this.#watched?.leave(this.#line);
    this.#tell('error', {});
    this.#end(ABNORMAL, '');
  }

  #connect(): void {
    if (this.readyState !== CONNECTING) return;
    const { tickets, jobs, faults, clock } = this.#world;
    const url = new URL(this.url);
    const jobId = /^\/trpc\/watch\/([A-Za-z0-9]{1,128})$/.exec(url.pathname)?.[1];
    const ticket = tickets.get(url.searchParams.get('ticket') ?? '');
    const admitted = ticket !== undefined && ticket.jobId === jobId && ticket.expiresAt >= clock.now();
    const job = admitted ? jobs.get(ticket.jobId) : undefined;
    if (faults.isOffline || ticket === undefined || !job?.watchers.open(this.#line, ticket.userId)) {
      this.drop();
      return;
    }
    this.#watched = job.watchers;
    this.readyState = OPEN;
    this.#open.add(this);
    this.#tell('open', {});
  }

  #end(code: number, reason: string): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#open.delete(this);
    this.#tell('close', { code, reason });
  }

  #tell(type: Kind, event: { data?: unknown; code?: number; reason?: string }): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener({ type, ...event });
  }
}

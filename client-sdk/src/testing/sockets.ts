/** `WebSocket` for the test server: the same events in the same order, without a network. */
import type { Attachment, Line } from '../../../server/src/durable-objects/job-coordinator/ports.ts';
import type { Socket, SocketConstructor } from '../live/watch.ts';
import type { TestJob } from './job.ts';
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

class TestSocket implements Socket {
  readonly url: string;
  readonly #world: World;
  readonly #open: Set<TestSocket>;
  readyState = CONNECTING;
  readonly #listeners = new Map<Kind, Set<Listener>>();
  /** The job that is watched, and the server's end of this socket. */
  #watched: { job: TestJob; line: Line } | null = null;

  constructor(url: string, world: World, open: Set<TestSocket>) {
    this.url = url;
    this.#world = world;
    this.#open = open;
    setTimeout(() => void this.#connect(), 0);
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
    queueMicrotask(() => {
      if (this.#watched === null) return;
      const { job, line } = this.#watched;
      if (frame === 'PING') line.send('PONG');
      else job.watchers.receive(line, frame);
    });
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState === CLOSED) return;
    this.#leave();
    queueMicrotask(() => this.#end(code, reason));
  }

  /** The connection breaks. */
  drop(): void {
    this.#leave();
    this.#tell('error', {});
    this.#end(ABNORMAL, '');
  }

  async #connect(): Promise<void> {
    if (this.readyState !== CONNECTING) return;
    const { tickets, jobs, accounts, faults, clock } = this.#world;
    const url = new URL(this.url);
    const jobId = /^\/trpc\/watch\/([A-Za-z0-9]{1,128})$/.exec(url.pathname)?.[1];
    const ticket = tickets.get(url.searchParams.get('ticket') ?? '');
    const admitted = ticket !== undefined && ticket.jobId === jobId && ticket.expiresAt >= clock.now();
    const epoch = accounts.get(ticket?.userId ?? '')?.access.sessionEpoch() ?? 0;
    const job = admitted && ticket.sessionFrom >= epoch ? jobs.get(ticket.jobId) : undefined;
    if (faults.isOffline || ticket === undefined || job === undefined) {
      this.drop();
      return;
    }
    const { userId, sessionFrom } = ticket;
    const opened = await job.watchers.open(userId, sessionFrom, (attachment) => this.#accept(job, attachment));
    if (!opened.ok) this.drop();
  }

  /** The client may have gone meanwhile, and is told nothing then. */
  #accept(job: TestJob, attachment: Attachment): Line {
    const line = this.#lineOf(attachment);
    if (this.readyState !== CONNECTING) return line;
    this.#watched = { job, line };
    job.lines.add(line);
    this.readyState = OPEN;
    this.#open.add(this);
    this.#tell('open', {});
    return line;
  }

  /** The client's end speaks through `send`, the server's through this. */
  #lineOf(first: Attachment): Line {
    let attached = first;
    let isOpen = true;
    return {
      get isOpen() {
        return isOpen;
      },
      requestId: this.#world.unique('req_'),
      attachment: () => attached,
      keep: (next) => {
        attached = next;
      },
      send: (frame) => queueMicrotask(() => this.readyState === OPEN && this.#tell('message', { data: frame })),
      close: (code, reason) => {
        isOpen = false;
        queueMicrotask(() => this.#end(code, reason));
      },
    };
  }

  #leave(): void {
    this.#watched?.job.lines.delete(this.#watched.line);
    this.#watched = null;
  }

  #end(code: number, reason: string): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#leave();
    this.#open.delete(this);
    this.#tell('close', { code, reason });
  }

  #tell(type: Kind, event: { data?: unknown; code?: number; reason?: string }): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener({ type, ...event });
  }
}

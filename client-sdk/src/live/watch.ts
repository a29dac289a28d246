/**
 * One connection to a job's live events: the tRPC subscription `jobs.watch` over a WebSocket, in tRPC's own format. It ends with the
 * socket; job/follow.ts decides what then.
 */
import { abortable, linkedController } from '../abort.ts';
import type { Clock } from '../clock.ts';
import type { Attention, Call } from '../job/attention.ts';
import { deferred } from '../job/deferred.ts';
import { decode, type Encoded, encode } from '../wire/codec.ts';

/** Milliseconds until a socket that does not open, or a subscription that is not answered, is given up. */
const OPEN_MS = 8_000;
/** Milliseconds between two signs of life, and how long one may take. A dead peer is not waited for: closing would. */
const KEEP_ALIVE_MS = 25_000;
const PONG_MS = 5_000;
/** The same while somebody looks. */
const SOON_MS = 2_000;

export interface Socket {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: { data?: unknown }) => void): void;
}
export type SocketConstructor = new (url: string) => Socket;

export interface WatchOptions {
  /** With its ticket. */
  url: string;
  jobId: string;
  /** The last event that was taken; null for all. */
  lastEventId: string | null;
  WebSocket: SocketConstructor;
  clock: Clock;
  attention: Attention;
  signal: AbortSignal;
  onOpen(): void;
  onEvent(id: string, event: unknown): void;
}
/** `opened`: the server took the subscription. `ended`: the server says that the job has ended, or that there is nothing to watch. */
export interface WatchOutcome {
  opened: boolean;
  ended: boolean;
}

interface Frame {
  method?: string;
  result?: { type: 'started' | 'data' | 'stopped'; id?: string; data?: Encoded };
  error?: unknown;
}

export async function watch(options: WatchOptions): Promise<WatchOutcome> {
  const { attention, signal } = options;
  const [controller, release] = linkedController(signal);
  const line = new Line(options, controller);
  const ignore = attention((call) => line.called(call));
  try {
    line.open();
    await abortable(line.closed.promise, signal);
  } catch (error) {
    // A page whose policy forbids the connection throws here; asking may still work.
    if (signal.aborted) throw error;
  } finally {
    ignore();
    release();
    controller.abort();
    line.close();
  }
  return line.outcome;
}

/** One socket with one subscription, until either end gives it up. */
class Line {
  readonly outcome: WatchOutcome = { opened: false, ended: false };
  readonly closed = deferred<void>();
  readonly #options: WatchOptions;
  readonly #controller: AbortController;
  #socket: Socket | undefined;
  #heard = 0;

  constructor(options: WatchOptions, controller: AbortController) {
    this.#options = options;
    this.#controller = controller;
  }

  open(): void {
    const { url, jobId, lastEventId, WebSocket } = this.#options;
    const socket = new WebSocket(url);
    this.#socket = socket;
    const input = encode({ jobId });
    socket.addEventListener('open', () => {
      const params = { input, path: 'jobs.watch', ...(lastEventId !== null && { lastEventId }) };
      socket.send(JSON.stringify({ id: 1, method: 'subscription', params }));
    });
    socket.addEventListener('message', ({ data }) => {
      // What a socket that was given up still has to say is told again by the next one.
      if (this.#controller.signal.aborted) return;
      this.#heard += 1;
      if (data === 'PING') socket.send('PONG');
      else if (data !== 'PONG') this.#take(frameIn(data));
    });
    const over = () => this.#over();
    socket.addEventListener('close', over);
    socket.addEventListener('error', over);
    this.#expect(OPEN_MS).catch(() => {});
    this.#keepAlive().catch(() => {});
  }

  called(call: Call): void {
    // A socket from before the network changed may look open for minutes; a new one goes on where it was.
    if (call === 'online' || call === 'offline') this.#over();
    else this.#ping(SOON_MS);
  }

  close(): void {
    try {
      this.#socket?.close();
    } catch {
      // It was never open.
    }
  }

  #over(): void {
    this.#controller.abort();
    this.closed.resolve();
  }

  #take({ method, result, error }: Frame): void {
    const { onOpen, onEvent } = this.#options;
    if (error !== undefined || method === 'reconnect') this.#over();
    else if (result?.type === 'started') {
      this.outcome.opened = true;
      onOpen();
    } else if (result?.type === 'stopped') {
      this.outcome.ended = true;
      this.#over();
    } else if (result?.id !== undefined && result.data !== undefined) {
      onEvent(result.id, (decode(result.data) as { data: unknown }).data);
    }
  }

  /** Gives up if nothing is heard in time. */
  async #expect(ms: number): Promise<void> {
    const before = this.#heard;
    await this.#options.clock.sleep(ms, this.#controller.signal);
    if (this.#heard === before) this.#over();
  }

  #ping(ms: number): void {
    if (!this.outcome.opened) return;
    this.#expect(ms).catch(() => {});
    this.#socket?.send('PING');
  }

  async #keepAlive(): Promise<void> {
    for (;;) {
      await this.#options.clock.sleep(KEEP_ALIVE_MS, this.#controller.signal);
      this.#ping(PONG_MS);
    }
  }
}

/** What cannot be read ends the connection, as an error does. */
function frameIn(data: unknown): Frame {
  try {
    return JSON.parse(String(data)) as Frame;
  } catch (error) {
    return { error };
  }
}

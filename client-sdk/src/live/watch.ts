/**
 * One connection to a job's live events: the tRPC subscription `jobs.watch` over a WebSocket, in tRPC's own format. It ends with the
 * socket; job/follow.ts decides what then.
 */
import { abortable, linkedSignal } from '../abort.ts';
import type { Clock } from '../clock.ts';
import type { Attention } from '../job/attention.ts';
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
  const { clock, attention, signal } = options;
  const line: Line = { opened: false, ended: false, heard: 0 };
  const [lasting, end] = linkedSignal(signal);
  let socket: Socket | undefined;
  const after = (ms: number, act: () => unknown) => {
    clock
      .sleep(ms, lasting)
      .then(act)
      .catch(() => {});
  };
  /** Gives up if nothing is heard in time. */
  const expect = (ms: number, before = line.heard) => after(ms, () => line.heard === before && end());
  const ping = (ms: number) => {
    if (!line.opened) return;
    expect(ms);
    socket?.send('PING');
  };
  const keepAlive = () =>
    after(KEEP_ALIVE_MS, () => {
      keepAlive();
      ping(PONG_MS);
    });
  // A socket from before the network changed may look open for minutes; a new one goes on where it was.
  const ignore = attention((call) => (call === 'online' || call === 'offline' ? end() : ping(SOON_MS)));
  try {
    socket = subscribe(options, line, lasting, end);
    expect(OPEN_MS);
    keepAlive();
    await abortable(new Promise(() => {}), lasting);
  } catch (error) {
    // It is over; or a page whose policy forbids the connection throws here, and asking may still work.
    if (signal.aborted) throw error;
  } finally {
    ignore();
    end();
    try {
      socket?.close();
    } catch {
      // It was never open.
    }
  }
  return line;
}

/** What is heard on a socket with one subscription, until either end gives it up. */
interface Line extends WatchOutcome {
  heard: number;
}

function subscribe(
  { url, jobId, lastEventId, WebSocket, onOpen, onEvent }: WatchOptions,
  line: Line,
  lasting: AbortSignal,
  end: () => void,
): Socket {
  const socket = new WebSocket(url);
  const take = ({ method, result, error }: Frame): void => {
    line.ended = result?.type === 'stopped';
    if (line.ended || error !== undefined || method === 'reconnect') end();
    else if (result?.type === 'started') {
      line.opened = true;
      onOpen();
    } else if (result?.id !== undefined && result.data !== undefined) {
      onEvent(result.id, (decode(result.data) as { data: unknown }).data);
    }
  };
  socket.addEventListener('open', () => {
    const params = { input: encode({ jobId }), path: 'jobs.watch', ...(lastEventId !== null && { lastEventId }) };
    socket.send(JSON.stringify({ id: 1, method: 'subscription', params }));
  });
  socket.addEventListener('message', ({ data }) => {
    // What a socket that was given up still has to say is told again by the next one.
    if (lasting.aborted) return;
    line.heard += 1;
    if (data === 'PING') socket.send('PONG');
    else if (data !== 'PONG') take(frameIn(data));
  });
  for (const type of ['close', 'error'] as const) socket.addEventListener(type, () => end());
  return socket;
}

/** What cannot be read ends the connection, as an error does. */
function frameIn(data: unknown): Frame {
  try {
    return JSON.parse(String(data)) as Frame;
  } catch (error) {
    return { error };
  }
}

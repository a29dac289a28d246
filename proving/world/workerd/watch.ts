/** A watcher as a client is one: a WebSocket through the Worker's own door, in tRPC's wire format, and all that came over it. */
import superjson from 'superjson';
import { expect } from 'vitest';
import { type WatchEvent, watchEvent } from '../../../server/src/contract/watch.ts';
import { until as untilSo } from '../clock.ts';
import { ask, type User } from './client.ts';

/** A frame as it comes in, its data and error already out of superjson. */
export type Frame = {
  id: number | string | null;
  jsonrpc?: string;
  result?: { type: 'started' | 'data' | 'stopped'; id?: string };
  event?: WatchEvent;
  error?: { message: string; code: number; data: Record<string, unknown> };
};
export type Told = { id: string; event: WatchEvent };
export type Closed = { code: number; reason: string };

/** Real milliseconds; the clock of the tests stands still meanwhile. */
export const until = (met: () => boolean, what: string): Promise<void> =>
  untilSo(met, what, { patience: 3_000, pause: 1 });

export async function ticketOf(user: User, jobId: string): Promise<string> {
  return (await user.client.jobs.get.query({ jobId })).ticket;
}

export function askToWatch(jobId: string, query: string, headers: Record<string, string> = {}): Promise<Response> {
  return ask(`/trpc/watch/${jobId}${query}`, { headers: { upgrade: 'websocket', ...headers } });
}

export class Watcher {
  readonly frames: Frame[] = [];
  readonly pongs: string[] = [];
  closed: Closed | null = null;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket, deaf: boolean) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      if (data === 'PONG') this.pongs.push(data);
      else this.frames.push(frameOf(String(data)));
    });
    socket.addEventListener('close', ({ code, reason }) => {
      this.closed = { code, reason };
    });
    socket.accept({ allowHalfOpen: deaf });
  }

  /** Opens a socket and subscribes to nothing yet. @param deaf never answers a close */
  static async open(user: User, jobId: string, deaf = false): Promise<Watcher> {
    const response = await askToWatch(jobId, `?ticket=${await ticketOf(user, jobId)}`);
    if (response.webSocket === null) throw new Error(`no upgrade, but ${response.status}: ${await response.text()}`);
    return new Watcher(response.webSocket, deaf);
  }

  /** Opens a socket and subscribes; returns when the server has taken it. */
  static async of(user: User, jobId: string, lastEventId?: string): Promise<Watcher> {
    const watcher = await Watcher.open(user, jobId);
    watcher.subscribe(jobId, lastEventId);
    await until(() => watcher.frames.length > 0, 'the answer to a subscription');
    return watcher;
  }

  subscribe(jobId: string, lastEventId?: string, id = 1): void {
    const input = { json: { jobId } };
    const params = { input, path: 'jobs.watch', ...(lastEventId === undefined ? {} : { lastEventId }) };
    this.send({ id, method: 'subscription', params });
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === 'string' || frame instanceof ArrayBuffer ? frame : JSON.stringify(frame));
  }

  /** @param code none when it is left out */
  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  /** What was told, in order. */
  get told(): Told[] {
    return this.frames.flatMap(({ result, event }) =>
      event === undefined ? [] : [{ id: result?.id ?? '', event: watchEvent.parse(event) }],
    );
  }

  get lastId(): string | undefined {
    return this.told.at(-1)?.id;
  }

  /** The photos that were told, as `idx status`, in order. */
  get photos(): string[] {
    return this.told.flatMap(({ event }) => (event.type === 'item' ? [`${event.idx} ${event.status}`] : []));
  }

  get stopped(): boolean {
    return this.frames.some(({ result }) => result?.type === 'stopped');
  }

  get errors(): { id: number | string | null; errorCode: unknown }[] {
    return this.frames.flatMap(({ id, error }) =>
      error === undefined ? [] : [{ id, errorCode: error.data.errorCode }],
    );
  }

  untilPhotos(count: number): Promise<void> {
    return until(() => this.photos.length >= count, `${count} photos, of which there were ${this.photos.length}`);
  }
  untilEnd(): Promise<void> {
    return until(() => this.stopped, `the end of ${JSON.stringify(this.frames)}`);
  }
  async untilClosed(): Promise<Closed> {
    await until(() => this.closed !== null, `the close of ${JSON.stringify(this.frames)}`);
    expect(this.closed).not.toBeNull();
    return this.closed as unknown as Closed;
  }
}

function frameOf(text: string): Frame {
  const { result, error, ...to } = JSON.parse(text);
  if (error !== undefined) return { ...to, error: superjson.deserialize(error) };
  const { data, ...rest } = result;
  if (data === undefined) return { ...to, result: rest };
  const tracked = superjson.deserialize<{ id: string; data: WatchEvent }>(data);
  expect(tracked.id).toBe(rest.id);
  return { ...to, result: rest, event: tracked.data };
}

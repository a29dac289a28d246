/** A clock that does not wait, small photos, and ways to break the line. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { throwIfAborted } from '../src/abort.ts';
import { createClientWith } from '../src/client.ts';
import type { Clock } from '../src/clock.ts';
import type { ClientOptions } from '../src/index.ts';
import { FakeApi, type Fault } from './fake-api.ts';

/** Sleeps take no time but move `now`; `random` is always a half. */
export class FakeClock implements Clock {
  time = Date.parse('2026-01-01T00:00:00Z');
  readonly slept: number[] = [];
  now(): number {
    return this.time;
  }
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    this.time += ms;
    await new Promise<void>((resolve) => setImmediate(resolve));
    throwIfAborted(signal);
  }
  random(): number {
    return 0.5;
  }
}

/** A client on a fake server in the same process, without a network. */
export function setUp<C extends Clock = FakeClock>(
  options: Partial<ClientOptions> = {},
  clock: C | FakeClock = new FakeClock(),
) {
  const api = new FakeApi();
  api.now = () => clock.now();
  const client = createClientWith({ baseUrl: api.base, fetch: api.fetch, WebSocket: null, ...options }, clock);
  return { api, clock, client };
}

/** The same over a real socket. */
export async function setUpOverHttp() {
  const clock = new FakeClock();
  let api: FakeApi | undefined;
  const server = createServer(async (incoming, outgoing) => {
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
      const body = incoming.method === 'GET' ? null : Buffer.concat(chunks);
      const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
      const url = `http://${incoming.headers.host}${incoming.url}`;
      const answer = await api!.handle(new Request(url, { method: incoming.method ?? 'GET', headers, body }));
      outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
      outgoing.end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      incoming.socket.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = new FakeApi(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  api.now = () => clock.now();
  const client = createClientWith({ baseUrl: api.base, WebSocket: null }, clock);
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { api, clock, client, close };
}

const photos = path.resolve(import.meta.dirname, '../../examples/photos');
export const samplePhoto = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(path.join(photos, name)));

export const JPEG_HEAD = [0xff, 0xd8, 0xff, 0xe0];
export const PNG_HEAD = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
export const bytes = (...parts: (string | readonly number[])[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)));
/** `count` tiny files that pass for JPEG photos, of different sizes. */
export const jpegs = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `photo${i}.jpg`, data: bytes(JPEG_HEAD, Array(i + 1).fill(7)) }));

/** Meets the first `times` requests whose URL contains `part` with `fault`. */
export function first(times: number, part: string, fault: Fault): Fault {
  let met = 0;
  return (request) => (request.url.includes(part) && met++ < times ? fault(request) : undefined);
}
/** The line is cut before the server has heard anything. */
export const cut: Fault = () => {
  throw new TypeError('fetch failed');
};
/** The server does what it is asked, and its answer is lost. */
export const loseAnswer = (api: FakeApi): Fault => {
  let inside = false;
  return async (request) => {
    if (inside) return undefined;
    inside = true;
    try {
      await api.handle(request.clone());
    } finally {
      inside = false;
    }
    throw new TypeError('fetch failed');
  };
};
export const status =
  (code: number, headers: Record<string, string> = {}): Fault =>
  () =>
    new Response('<html>no</html>', { status: code, headers });

export const caught = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => {
      throw new Error('it did not throw');
    },
    (error: unknown) => error,
  );

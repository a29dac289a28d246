/** `jobs.watch` through tRPC's own client, typed from the router. */
import { evictDurableObject } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import superjson from 'superjson';
import { expect, test } from 'vitest';
import { BASE, signUp } from '../../../proving/world/workerd/client.ts';
import { finish, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { jobObject } from '../../../proving/world/workerd/objects.ts';
import { ticketOf, until } from '../../../proving/world/workerd/watch.ts';
import type { AppRouter } from '../../src/rpc/router.ts';

/** There is no network to the Worker under test, so this class asks it for the upgrade directly. */
class LoopbackWebSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly OPEN = 1;
  readyState = 0;
  #socket: WebSocket | null = null;

  constructor(url: string) {
    super();
    void this.#open(url);
  }

  async #open(url: string): Promise<void> {
    const response = await exports.default.fetch(new Request(url, { headers: { upgrade: 'websocket' } }));
    const socket = response.webSocket;
    if (socket === null) throw new Error(`no upgrade, but ${response.status}`);
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.dispatchEvent(new MessageEvent('message', { data })));
    socket.addEventListener('close', ({ code }) => {
      this.readyState = 3;
      this.dispatchEvent(new CloseEvent('close', { code }));
    });
    socket.accept();
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  send(data: string): void {
    this.#socket?.send(data);
  }

  close(): void {
    if (this.readyState > 1) return;
    this.readyState = 2;
    this.#socket?.close(1000);
  }
}

test('the stock client gives typed events, and keeps its subscription over evictions', async () => {
  const user = await signUp('pro');
  const job = await runningJob(user, 4);
  const { jobId } = job;
  const client = createWSClient({
    url: async () => `${BASE}/trpc/watch/${jobId}?ticket=${await ticketOf(user, jobId)}`,
    WebSocket: LoopbackWebSocket as unknown as typeof WebSocket,
    connectionParams: { client: 'a test' },
  });
  const trpc = createTRPCClient<AppRouter>({ links: [wsLink({ client, transformer: superjson })] });
  const photos: number[] = [];
  const ends: { charged: number; keptUntil: Date }[] = [];
  let started = false;
  const over = new Promise<void>((resolve, reject) => {
    trpc.jobs.watch.subscribe(
      { jobId },
      {
        onStarted: () => {
          started = true;
        },
        onData: ({ data }) => {
          if (data.type === 'item') photos.push(data.idx);
          else if (data.type !== 'progress') ends.push({ charged: data.charged, keptUntil: data.keptUntil });
        },
        onError: reject,
        onComplete: resolve,
      },
    );
  });
  await until(() => started, 'the subscription');
  for (const idx of [2, 0, 3, 1]) {
    await evictDurableObject(jobObject(jobId));
    await finish(job, [idx]);
  }
  await over;
  await client.close();
  expect(photos).toEqual([2, 0, 3, 1]);
  expect(ends).toEqual([{ charged: 4, keptUntil: expect.any(Date) }]);
});

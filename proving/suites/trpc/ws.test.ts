/** The stock tRPC client's wsLink against the production bundle: a watch that its client closes, one that the server closes, and what is refused. */
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WatchEvent } from '../../../server/src/contract/watch.ts';
import { data, text, World } from '../../world/bundle/world.ts';
import { CLIENTS, refusalOf } from './clients.ts';

/** Milliseconds after which the server closes a socket, for its client to come back with a fresh ticket; an hour in production. */
const SOCKET_MS = 1_000;
const GOING_AWAY = 1001;

let lasting: World;
/** Its sockets end after a second. */
let short: World;
beforeAll(async () => {
  lasting = await World.start({});
  short = await World.start({ WATCH_SOCKET_MS: String(SOCKET_MS), WATCH_IDLE_MS: String(SOCKET_MS) });
});
afterAll(async () => {
  await lasting?.stop();
  await short?.stop();
});

describe.each(CLIENTS)('@trpc/client $version with wsLink', ({ client }) => {
  async function watcher(world = lasting) {
    const job = await world.jobs.running(await world.signUpPro(), 3);
    const seen = { opened: 0, closes: [] as (number | undefined)[] };
    const socket = client.createWSClient({
      // Asked again at every reconnect: a ticket lives for a minute.
      url: async () => {
        const { token } = job.owner;
        const ticket = text(data(await world.query('jobs.get', { jobId: job.jobId }, { token })), 'ticket');
        return `${world.url.replace('http', 'ws')}/trpc/watch/${job.jobId}?ticket=${encodeURIComponent(ticket)}`;
      },
      // Not needed beside the ticket, and a client that is set up with them sends them first.
      connectionParams: async () => ({ app: 'stock' }),
      onOpen: () => {
        seen.opened++;
      },
      onClose: (cause) => seen.closes.push(cause?.code),
      retryDelayMs: () => 20,
      keepAlive: { enabled: true, intervalMs: 200, pongTimeoutMs: 2_000 },
    });
    const api = client.createTRPCUntypedClient({ links: [client.wsLink({ client: socket, transformer: superjson })] });
    return { world, job, socket, api, seen };
  }

  type Watcher = Awaited<ReturnType<typeof watcher>>;

  /** Follows the job to its end. `next` waits for the next event that fits. */
  function follow({ api, job }: Watcher) {
    const events: { id: string; data: WatchEvent }[] = [];
    const ended = Promise.withResolvers<void>();
    let wake = () => {};
    const subscription = api.subscription(
      'jobs.watch',
      { jobId: job.jobId },
      {
        onData: (event) => {
          events.push(event as (typeof events)[number]);
          wake();
        },
        onError: ended.reject,
        onComplete: ended.resolve,
      },
    );
    const until = async (enough: () => boolean) => {
      while (!enough()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    const items = () => events.flatMap(({ data: event }) => (event.type === 'item' ? [event.idx] : []));
    return { events, items, until, ended: ended.promise, subscription };
  }

  const fail = async ({ world, job }: Pick<Watcher, 'world' | 'job'>, idx: number) => {
    const reply = await world.jobs.report(job, { idx, status: 'failed', error: 'too dark' });
    expect(reply.status).toBe(200);
  };

  test('a socket that its client closes is opened again, and the watch goes on behind the last event', async () => {
    const watching = await watcher();
    const { socket, seen } = watching;
    const { events, items, until, ended } = follow(watching);
    await until(() => events.length > 0);
    await fail(watching, 0);
    await until(() => items().length === 1);
    socket.connection?.ws?.close(1000, 'the page was left');
    const before = events.length;
    // Each time that it comes back, it is told how the job stands.
    await until(() => seen.opened > 1 && events.length > before);
    await fail(watching, 1);
    await fail(watching, 2);
    await ended;
    await socket.close();
    expect(items()).toEqual([0, 1, 2]);
    // Not with which code: Node's WebSocket says 1006 where the connection ends together with the answer to its close.
    expect(seen.closes).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({
      id: 'end',
      data: { type: 'failed', charged: 0, keptUntil: expect.any(Date) },
    });
  });

  test('a socket that the server closes is opened again with a fresh ticket, and nothing is told twice', async () => {
    const watching = await watcher(short);
    const { socket, seen } = watching;
    const { events, items, until, ended } = follow(watching);
    await fail(watching, 0);
    await until(() => items().length === 1);
    const before = events.length;
    await until(() => seen.opened > 1 && events.length > before);
    await fail(watching, 1);
    await fail(watching, 2);
    await ended;
    await socket.close();
    expect(items()).toEqual([0, 1, 2]);
    expect(seen.closes).toContain(GOING_AWAY);
    expect(new Set(seen.closes.filter((code) => code !== 1000))).toEqual(new Set([GOING_AWAY]));
  });

  test('one that unsubscribes hears nothing more, and may watch again on the same socket', async () => {
    const watching = await watcher();
    const { socket } = watching;
    const first = follow(watching);
    await first.until(() => first.events.length > 0);
    first.subscription.unsubscribe();
    const again = follow(watching);
    await again.until(() => again.events.length > 0);
    await fail(watching, 0);
    await again.until(() => again.items().length === 1);
    expect(first.items()).toEqual([]);
    again.subscription.unsubscribe();
    await socket.close();
  });

  test("another's job and a call that is no subscription are refused by their codes", async () => {
    const { api, socket } = await watcher();
    const refused = await new Promise<{ data: unknown }>((resolve) => {
      api.subscription('jobs.watch', { jobId: 'another' }, { onError: (error) => resolve(error as { data: unknown }) });
    });
    expect(refused.data).toMatchObject({ errorCode: 'JOB_NOT_FOUND', httpStatus: 404, path: 'jobs.watch' });
    const call = await refusalOf(api.query('user.me'));
    expect(call).toBeInstanceOf(client.TRPCClientError);
    expect(call.data).toMatchObject({ errorCode: 'NOT_FOUND', httpStatus: 404 });
    await socket.close();
  });
});

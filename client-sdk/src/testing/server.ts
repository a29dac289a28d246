/** The test server put together: what to hand to `createClient`, and what to move and break it with. */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { MAX_BATCH } from '../../../server/src/contract/limits.ts';
import { throwIfAborted } from '../abort.ts';
import { type ClientOptions, createClientWith, type S3Client } from '../client.ts';
import type { PlanId } from '../generated/types.ts';
import type { SocketConstructor } from '../live/watch.ts';
import type { TestClock } from './clock.ts';
import type { FaultTarget, TestFaults } from './faults.ts';
import type { TestGpu } from './gpu.ts';
import { testRouter } from './router.ts';
import { createSockets } from './sockets.ts';
import { STORAGE_PATH } from './storage.ts';
import { type TestServerOptions, World } from './world.ts';

/** The whole API in memory: `createClient(server)` is a client of it. */
export interface TestServer {
  readonly baseUrl: string;
  /** In place of the global `fetch`: the API, uploads, and results. Anything else is HTTP 404. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** In place of the global `WebSocket`: live progress. */
  readonly WebSocket: SocketConstructor;
  readonly clock: TestClock;
  readonly gpu: TestGpu;
  readonly faults: TestFaults;
  /** A client whose own waits and retries follow `clock`, for tests that move time. */
  createClient(options?: Omit<ClientOptions, 'baseUrl' | 'fetch' | 'WebSocket'>): S3Client;
  /** Changes a user's plan, as an operator does. */
  setPlan(userId: string, plan: PlanId): void;
  /** Gives a user credits, as an operator does. */
  grantCredits(userId: string, amount: number): void;
}

/**
 * Starts a server in memory: no network, no files, nothing to stop. Codes, data and messages of its errors are the server's own,
 * because the same rules decide.
 *
 * @example
 * const server = createTestServer({ gpu: 'manual' });
 * const client = createClient(server);
 * const job = client.jobs.start({ preset: 'interior', files, concepts: { Floor: { action: 'recolor', value: 'oak' } } });
 */
export function createTestServer(options: TestServerOptions = {}): TestServer {
  const world = new World(options);
  const { WebSocket, dropAll } = createSockets(world);
  world.dropSockets = dropAll;
  const account = (userId: string) => {
    const found = world.accounts.get(userId);
    if (found === undefined) throw new Error(`there is no user ${userId}`);
    return found;
  };
  const { baseUrl, clock, gpu, faults } = world;
  const fetch: TestServer['fetch'] = (input, init) => request(world, input, init);
  return {
    baseUrl,
    fetch,
    WebSocket,
    clock,
    gpu,
    faults,
    createClient: (rest) => createClientWith({ ...rest, baseUrl, fetch, WebSocket }, clock.client),
    setPlan: (userId, plan) => world.background(account(userId).setPlan(plan)),
    grantCredits: (userId, amount) =>
      world.background(account(userId).grantCredits(world.unique('grant-'), amount, 'test')),
  };
}

async function request(world: World, input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { signal, ...rest } = init;
  throwIfAborted(signal ?? undefined);
  const asked = new Request(input, rest);
  const url = new URL(asked.url);
  const answer = await world.faults.around(targetsOf(asked, url), asked.url, async () => {
    await world.idle();
    return route(world, asked, url);
  });
  throwIfAborted(signal ?? undefined);
  return answer;
}

/** What faults can be asked for by name. */
function targetsOf({ method }: Request, { pathname }: URL): FaultTarget[] {
  if (pathname.startsWith(STORAGE_PATH)) return [method === 'PUT' ? 'upload' : 'download'];
  return pathname.startsWith('/trpc/') ? (pathname.slice('/trpc/'.length).split(',') as FaultTarget[]) : [];
}

function route(world: World, asked: Request, url: URL): Promise<Response> {
  if (url.origin === new URL(world.baseUrl).origin && url.pathname.startsWith(STORAGE_PATH)) {
    return world.storage.answer(asked, url);
  }
  return fetchRequestHandler({
    endpoint: '/trpc',
    req: asked,
    router: testRouter,
    allowMethodOverride: false,
    maxBatchSize: MAX_BATCH,
    createContext: () => ({
      world,
      requestId: world.unique('req_'),
      bearer: /^Bearer (\S+)$/i.exec(asked.headers.get('authorization') ?? '')?.[1] ?? null,
    }),
  });
}

/** Puts the client together. */
import type { AuthApi } from './api/auth.ts';
import { methodsOf } from './api/calls.ts';
import type { JobsApi } from './api/jobs-api.ts';
import type { RulesApi } from './api/rules.ts';
import type { UserApi } from './api/user.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Calls } from './generated/calls.ts';
import type { Session } from './generated/types.ts';
import { INSIDE, type Inside } from './inside.ts';
import { createAttention } from './job/attention.ts';
import { createRuns } from './job/handle.ts';
import { createPresence } from './job/presence.ts';
import { createSavedJobs } from './job/saved.ts';
import { liveWatch } from './job/watching.ts';
import type { SocketConstructor } from './live/watch.ts';
import { SessionKeeper } from './session.ts';
import { sessionCalls } from './session-calls.ts';
import { memoryStorage, type SessionStorage, storageOf, type WebStorageLike } from './storage.ts';
import { createCall, retryingWire } from './transport.ts';
import { createPut } from './upload/put.ts';
import { createWire, type Fetch } from './wire/http.ts';

/** Milliseconds that one API request may take. */
const TIMEOUT = 30_000;
const MAX_RETRIES = 3;

export interface ClientOptions {
  /** Such as `https://s3-workers.example.dev`, without `/trpc`. */
  baseUrl: string;
  /** A user that the app has already. Left out, an anonymous one is made on first need. */
  auth?: { token?: string | undefined } | undefined;
  /** Where an anonymous session is kept, and what `jobs.attach` needs: `webStorage()`, `AsyncStorage`, …; in memory when left out. */
  storage?: SessionStorage | WebStorageLike | undefined;
  /** In place of the global one, for uploads too, whose bytes are then counted photo by photo. */
  fetch?: Fetch | undefined;
  /** In place of the global one, for live progress. `null` for none: polling does. */
  WebSocket?: SocketConstructor | null | undefined;
  /** Of each call that may be sent twice; 3 when left out. Uploads are more patient. */
  maxRetries?: number | undefined;
  /** Milliseconds that one API request may take; 30,000 when left out. */
  timeout?: number | undefined;
}

/** Methods reject with an `S3Error`, or what the app's own callbacks and storage throw. */
export interface S3Client extends Omit<Calls, 'auth' | 'rules'> {
  readonly auth: AuthApi;
  readonly user: UserApi;
  readonly rules: RulesApi;
  readonly jobs: JobsApi;
  /** @internal */
  readonly [INSIDE]?: Inside;
}

/** A client of one server for one user. Nothing is sent before the first call. */
export function createClient(options: ClientOptions): S3Client {
  return createClientWith(options, systemClock);
}

/** `createClient` with its clock, for tests. */
export function createClientWith(options: ClientOptions, clock: Clock): S3Client {
  const { fetch: given, timeout = TIMEOUT, maxRetries = MAX_RETRIES } = options;
  // Node 20 has none.
  const { WebSocket = (globalThis as { WebSocket?: SocketConstructor }).WebSocket } = options;
  const storage = storageOf(options.storage ?? memoryStorage());
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const prefix = `s3-workers:${baseUrl}`;
  // Called as a plain function: a browser's fetch refuses any other `this`. The global one is looked up late, so that it can be replaced.
  const fetch: Fetch = given ? (url, init) => given(url, init) : (url, init) => globalThis.fetch(url, init);

  const send = retryingWire(createWire(baseUrl, fetch), clock, { timeout, maxRetries });
  const keeper = new SessionKeeper({ wire: send, clock, storage, storageKey: prefix, givenToken: options.auth?.token });
  const call = createCall(send, keeper);
  const live = { baseUrl, call, clock, WebSocket };
  const runs = createRuns({
    ...live,
    put: createPut(given && fetch),
    saved: createSavedJobs(storage, prefix),
    presence: createPresence(prefix),
    undoing: new Set(),
    canceling: new Set(),
  });
  const anyCall = sessionCalls(call, keeper);
  const methods = methodsOf(anyCall);
  const revoke: AuthApi['revoke'] = (revoking) => anyCall('auth.revoke', undefined, revoking) as Promise<Session>;
  Object.assign(methods.auth, { revoke, forget: () => keeper.forget() });
  Object.assign(methods.jobs, runs);
  const watch: Inside['watch'] = (job, heard, signal) => liveWatch(live, job, heard, createAttention().listen, signal);
  const inside: Inside = { call: anyCall, clock, watch };
  // Typed by preset, its methods take no more than the API does.
  return Object.assign(methods, { [INSIDE]: inside }) as unknown as S3Client;
}

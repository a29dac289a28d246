/** Puts the client together. */
import { type AuthApi, authApi } from './api/auth.ts';
import { type JobsApi, jobsApi } from './api/jobs.ts';
import { type PresetsApi, presetsApi } from './api/presets.ts';
import { type RulesApi, rulesApi } from './api/rules.ts';
import { type UserApi, userApi } from './api/user.ts';
import { type Clock, systemClock } from './clock.ts';
import { createRun } from './run.ts';
import { SessionKeeper } from './session.ts';
import { memoryStorage, type SessionStorage } from './storage.ts';
import { createCall, retryingWire } from './transport.ts';
import { createWire, type Fetch } from './wire.ts';

export interface ClientOptions {
  /** Where the server is, such as `https://s3-workers.example.dev`: the address without `/trpc`. */
  baseUrl: string;
  /** The token of a user that the app already has. Left out, the client makes an anonymous user on first need. */
  auth?: { token?: string | undefined } | undefined;
  /** Where an anonymous session is kept; in memory when left out, `webStorage(localStorage)` in a browser. */
  storage?: SessionStorage | undefined;
  /** In place of the global `fetch`, for API calls and uploads. */
  fetch?: Fetch | undefined;
}

/** Every method rejects with an `S3Error` and nothing else, apart from what the app's own callbacks and storage throw. */
export interface S3Client {
  readonly auth: AuthApi;
  readonly user: UserApi;
  readonly presets: PresetsApi;
  readonly rules: RulesApi;
  readonly jobs: JobsApi;
}

/**
 * A client of one server for one user. Nothing is sent before the first call.
 *
 * @example
 * const client = createClient({ baseUrl: 'https://s3-workers.example.dev', storage: webStorage(localStorage) });
 */
export function createClient(options: ClientOptions): S3Client {
  return createClientWith(options, systemClock);
}

/** `createClient` with its clock, for tests. */
export function createClientWith(options: ClientOptions, clock: Clock): S3Client {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const given = options.fetch;
  // Called as a plain function: a browser's fetch refuses any other `this`. The global one is looked up late, so that it can be replaced.
  const fetch: Fetch = given ? (url, init) => given(url, init) : (url, init) => globalThis.fetch(url, init);

  const wire = createWire(baseUrl, fetch);
  const patientWire = retryingWire(wire, clock);
  const keeper = new SessionKeeper({
    wire: patientWire,
    clock,
    storage: options.storage ?? memoryStorage(),
    storageKey: `s3-workers:${baseUrl}`,
    givenToken: options.auth?.token,
  });
  const call = createCall(wire, patientWire, keeper);
  return {
    auth: authApi(call, keeper),
    user: userApi(call),
    presets: presetsApi(call),
    rules: rulesApi(call),
    jobs: jobsApi(call, createRun({ call, fetch, clock })),
  };
}

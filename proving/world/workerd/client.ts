/** The API as a client sees it: the typed tRPC client over the Worker's own fetch, users, and errors as data. */
import { env, exports } from 'cloudflare:workers';
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import { expect } from 'vitest';
import type { Env } from '../../../server/src/bindings.ts';
import type { Session } from '../../../server/src/durable-objects/user-limiter/state.ts';
import worker from '../../../server/src/index.ts';
import type { AppRouter } from '../../../server/src/rpc/router.ts';

export const BASE = 'https://api.test';

/** A request to the Worker, as it would come in from outside. */
export function ask(path: string, init?: RequestInit): Promise<Response> {
  return exports.default.fetch(new Request(`${BASE}${path}`, init));
}

/** The settings and bindings of the tests, but for these. */
export function without(...names: (keyof Env)[]): Env {
  const doctored: Partial<Env> = { ...env };
  for (const name of names) delete doctored[name];
  return doctored as Env;
}

/** The same under other settings. */
export function askWith(settings: Env, path: string, init?: RequestInit): Promise<Response> {
  const request: Request = new Request(`${BASE}${path}`, init);
  return worker.fetch(request as Request<unknown, IncomingRequestCfProperties>, settings);
}

export function clientFor(token: string | null) {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${BASE}/trpc`,
        transformer: superjson,
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
        fetch: (input, init) => exports.default.fetch(new Request(input as RequestInfo, init as RequestInit)),
      }),
    ],
  });
}
export type Client = ReturnType<typeof clientFor>;
export type User = { userId: string; token: string; client: Client };

export const admin = (): Client => clientFor(env.ADMIN_SECRET ?? null);

/** A sign-up that opens its account at once, since its key does not tell its age. */
export const newAccount = () => clientFor(null).auth.anon.mutate({ idempotencyKey: crypto.randomUUID() });

/** What a user's object gets with each of his changes. */
export const sessionOf = (userId: string, issuedAt = Date.now()): Session => ({
  userId,
  issuedAt,
  signedUpAt: issuedAt,
  deviceHash: null,
  address: null,
});

/** A new user, whose account is open. `pro` has 10 + 200 credits, three jobs at a time and 200 photos a job. */
export async function signUp(plan: 'free' | 'pro' = 'free'): Promise<User> {
  const { userId, token } = await newAccount();
  if (plan === 'pro') await admin().admin.setPlan.mutate({ userId, plan });
  return { userId, token, client: clientFor(token) };
}

/** What a refused call says, as data. */
export type Caught = {
  code: string;
  httpStatus: number;
  details: unknown;
  message: string;
};

/** The refusal that `call` ends in; fails the test when it succeeds, or when the answer names no request. */
export async function refusalOf(call: Promise<unknown>): Promise<Caught> {
  const error = await call.then(
    (value) => {
      throw new Error(`was expected to be refused, and answered ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof TRPCClientError)) throw error;
  const { errorCode, httpStatus, details, requestId } = (error as TRPCClientError<AppRouter>).data ?? {};
  expect(requestId).toMatch(/^req_[0-9a-f-]{36}$/);
  return { code: String(errorCode), httpStatus: Number(httpStatus), details, message: error.message };
}

/** `balance`, `held` and `spent` of a user; fails the test when they do not add up to what was granted. */
export async function creditsOf(user: User) {
  const { credits } = await user.client.user.me.query();
  const { balance, held, spent, granted } = credits;
  expect(balance + held + spent).toBe(granted);
  return { balance, held, spent };
}

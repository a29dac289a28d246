/** tRPC under /trpc, through the fetch adapter: limits on body, address and batch, JSON only, no method override. */
import { TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import type { Env } from '../bindings.ts';
import { MAX_BATCH, MAX_RPC_BODY, MAX_RPC_URL } from '../contract/limits.ts';
import { invalid, ok, type Refused, refuse } from '../domain/result.ts';
import { readJson } from '../doors/json-body.ts';
import { type Settings, settingsOf } from '../settings/settings.ts';
import { strayInBatch } from '../wire/input.ts';
import type { Context } from './context.ts';
import { ApiError, rpcRefusalOf } from './errors.ts';
import { rememberRequest } from './init.ts';
import { appRouter } from './router.ts';

export async function handleRpc(request: Request, env: Env, requestId: string): Promise<Response> {
  // Before anything is answered: a stream begins at once, and the proxy of `wrangler dev` drops what it has not sent on by then.
  const sent = request.method === 'POST' ? await readJson(request, MAX_RPC_BODY) : ok('');
  const body = sent.ok ? sent.value : '';
  const read = request.method === 'POST' ? withText(request, body) : request;
  const { pathname, searchParams } = new URL(request.url);
  const calls = searchParams.get('batch') === '1' ? pathname.split(/,|%2c/i).length : null;
  const excess = calls !== null && calls > MAX_BATCH ? tooMany(calls).refusal : null;
  return fetchRequestHandler({
    endpoint: '/trpc',
    req: read,
    router: appRouter,
    allowMethodOverride: false,
    maxBatchSize: MAX_BATCH,
    // No subscription is served over HTTP (jobs/watch.ts). tRPC would answer 200, with a stream whose only event is the error.
    responseMeta: ({ type }) => (type === 'subscription' ? { status: 400 } : {}),
    createContext: (): Context => {
      if (request.url.length > MAX_RPC_URL) throw new ApiError(tooLong(request.url.length).refusal);
      const bad = sent.ok ? misplaced(calls, request.method === 'POST' ? body : searchParams.get('input')) : sent;
      if (bad !== null) throw new ApiError(bad.refusal);
      // Of an empty body it does not matter. tRPC would also take forms and byte streams.
      const type = body === '' && request.method === 'POST' ? null : request.headers.get('content-type');
      if (type !== null && !JSON_TYPE.test(type)) throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' });
      return {
        env,
        settings: checkedSettings(env),
        requestId,
        bearer: bearerOf(request),
        address: request.headers.get('cf-connecting-ip'),
        liveJobs: new Map(),
        origin: () => new URL(request.url).origin,
      };
    },
    onError: ({ error }) => rememberRequest(error, requestId, excess),
  });
}

/** The request with its body as it was read: tRPC asks for the text of JSON, which is all that it is given, and a copy of the request costs. */
function withText(request: Request, body: string): Request {
  return Object.defineProperty(body === '' ? asJson(request) : request, 'text', { value: async () => body });
}

/** Whoever sends nothing says nothing of its type, or whatever his tool says by itself. */
function asJson(request: Request): Request {
  if (JSON_TYPE.test(request.headers.get('content-type') ?? '')) return request;
  const headers = new Headers(request.headers);
  headers.set('content-type', 'application/json');
  return new Request(request.url, { method: request.method, headers });
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

const tooMany = (calls: number): Refused =>
  invalid('batch', `holds at most ${MAX_BATCH} calls, and this one has ${calls}`);

function tooLong(characters: number): Refused {
  const message = `an address has at most ${MAX_RPC_URL} characters, and this one has ${characters}`;
  return refuse('PAYLOAD_TOO_LARGE', message, { limit: MAX_RPC_URL });
}

/** What stands in a batch where no call's input is: it would pass for none. Not JSON at all: tRPC says so. */
function misplaced(calls: number | null, text: string | null): Refused | null {
  if (calls === null || text === null || text === '') return null;
  let inputs: unknown;
  try {
    inputs = JSON.parse(text);
  } catch {
    return null;
  }
  return strayInBatch(inputs, calls);
}

/** As an error of the contract: tRPC answers 500 to anything else that is thrown before a procedure runs. */
function checkedSettings(env: Env): Settings {
  try {
    return settingsOf(env);
  } catch (error) {
    throw new ApiError(rpcRefusalOf(error), error);
  }
}

function bearerOf(request: Request): string | null {
  return /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
}

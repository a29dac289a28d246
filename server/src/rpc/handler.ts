/** tRPC under /trpc, through the fetch adapter: limits on body, address and batch, JSON only, no method override. */
import { TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { MAX_BATCH, MAX_RPC_BODY, MAX_RPC_URL } from '../contract/limits.ts';
import { refuse } from '../domain/result.ts';
import { type Env, type Settings, settingsOf } from '../env.ts';
import { readBody } from '../http/body.ts';
import type { Context } from './context.ts';
import { ApiError, rpcRefusalOf } from './errors.ts';
import { rememberRequest } from './init.ts';
import { appRouter } from './router.ts';

export async function handleRpc(request: Request, env: Env, requestId: string): Promise<Response> {
  // Before anything is answered: a stream begins at once, and the proxy of `wrangler dev` drops what it has not sent on by then.
  const body = request.method === 'POST' ? await readBody(request, MAX_RPC_BODY) : '';
  const read = request.method === 'POST' ? withText(request, body ?? '') : request;
  return fetchRequestHandler({
    endpoint: '/trpc',
    req: read,
    router: appRouter,
    allowMethodOverride: false,
    maxBatchSize: MAX_BATCH,
    // No subscription is served over HTTP (jobs/watch.ts). tRPC would answer 200, with a stream whose only event is the error.
    responseMeta: ({ type }) => (type === 'subscription' ? { status: 400 } : {}),
    createContext: (): Context => {
      if (body === null) throw tooLarge('a request has at most', MAX_RPC_BODY, 'bytes');
      if (request.url.length > MAX_RPC_URL) throw tooLarge('an address has at most', MAX_RPC_URL, 'characters');
      const type = request.headers.get('content-type');
      // tRPC would also take forms and byte streams.
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
    onError: ({ error }) => rememberRequest(error, requestId),
  });
}

/** The request with its body as it was read: tRPC asks for the text of JSON, which is all that it is given, and a copy of the request costs. */
function withText(request: Request, body: string): Request {
  return Object.defineProperty(request, 'text', { value: async () => body });
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

function tooLarge(what: string, limit: number, unit: string): ApiError {
  return new ApiError(refuse('PAYLOAD_TOO_LARGE', `${what} ${limit} ${unit}`, { limit }).refusal);
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

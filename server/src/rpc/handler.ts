/** tRPC under /trpc, through the fetch adapter: body limit, batch limit, no method override. */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { MAX_BATCH, MAX_RPC_BODY } from '../contract/limits.ts';
import { refuse } from '../domain/result.ts';
import { type Env, type Settings, settingsOf } from '../env.ts';
import { readBody } from '../http/body.ts';
import type { Context } from './context.ts';
import { ApiError, rpcRefusalOf } from './errors.ts';
import { rememberRequest } from './init.ts';
import { appRouter } from './router.ts';

export async function handleRpc(request: Request, env: Env, requestId: string): Promise<Response> {
  const body = request.method === 'POST' ? await readBody(request, MAX_RPC_BODY) : '';
  const limited = body === '' ? request : new Request(request, { body });
  return fetchRequestHandler({
    endpoint: '/trpc',
    req: limited,
    router: appRouter,
    allowMethodOverride: false,
    maxBatchSize: MAX_BATCH,
    createContext: (): Context => {
      if (body === null) {
        const message = `a request has at most ${MAX_RPC_BODY} bytes`;
        throw new ApiError(refuse('PAYLOAD_TOO_LARGE', message, { limit: MAX_RPC_BODY }).refusal);
      }
      return {
        env,
        settings: checkedSettings(env),
        requestId,
        bearer: bearerOf(request),
        origin: new URL(request.url).origin,
      };
    },
    onError: ({ error }) => rememberRequest(error, requestId),
  });
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

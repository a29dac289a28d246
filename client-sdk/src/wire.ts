/** One API call over HTTP: tRPC with superjson, batched, each request limited in time. No retries and no session here. */
import { createTRPCUntypedClient } from '@trpc/client';
import { httpBatchLink } from '@trpc/client/links/httpBatchLink';
import type { AnyTRPCRouter } from '@trpc/server';
import superjson from 'superjson';
import { MAX_BATCH } from '../../server/src/contract/limits.ts';
import { linkedController } from './abort.ts';
import { messageOf, toS3Error } from './error-mapping.ts';
import { networkError } from './errors.ts';
import { PROCEDURES, type ProcedurePath, type Procedures } from './procedures.ts';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Milliseconds that one API request may take. */
const REQUEST_MS = 30_000;
/** Characters of a batch's URL; proxies begin to refuse at 8 KB. */
const MAX_URL = 6_000;

/** Sends one call, with a token or without. Rejects with an `S3Error`. */
export type Wire = <P extends ProcedurePath>(
  path: P,
  input: Procedures[P]['input'],
  token: string | null,
  signal?: AbortSignal,
) => Promise<Procedures[P]['output']>;

export function createWire(baseUrl: string, fetch: Fetch): Wire {
  const link = httpBatchLink<AnyTRPCRouter>({
    url: `${baseUrl}/trpc`,
    transformer: superjson,
    maxItems: MAX_BATCH,
    maxURLLength: MAX_URL,
    headers: ({ opList }) => bearer(opList[0].context.token),
    fetch: (url, init) => answer(fetch, String(url), init as RequestInit | undefined),
  });
  // Calls with a token and calls without never share a batch.
  const client = createTRPCUntypedClient<AnyTRPCRouter>({ links: [link] });
  const anonymous = createTRPCUntypedClient<AnyTRPCRouter>({ links: [link] });

  return async (path, input, token, signal) => {
    const { type } = PROCEDURES[path];
    const via = token === null ? anonymous : client;
    const options = { context: { token }, ...(signal && { signal }) };
    try {
      return (await via[type](path, input, options)) as Procedures[typeof path]['output'];
    } catch (error) {
      throw toS3Error(error);
    }
  };
}

const bearer = (token: unknown): Record<string, string> =>
  typeof token === 'string' ? { authorization: `Bearer ${token}` } : {};

/** Fetches and reads the whole answer within the time limit. What is not JSON is no answer of the server's, but a proxy's page. */
async function answer(fetch: Fetch, url: string, init: RequestInit | undefined) {
  const { controller, release } = linkedController(init?.signal, REQUEST_MS);
  let status: number | null = null;
  try {
    const response = await fetch(url, { ...init, signal: controller.signal });
    status = response.status;
    const json: unknown = JSON.parse(await response.text());
    return { status, ok: response.ok, body: null, json: async () => json };
  } catch (error) {
    const message =
      status === null ? `The server could not be reached: ${messageOf(error)}` : `HTTP ${status} without JSON`;
    throw networkError(message, { status, cause: error });
  } finally {
    release();
  }
}

/** TanStack Query options for every procedure. They call the client, so session, retries and idempotency keys stay its own. */

import type { QueryClient } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { TRPCUntypedClient } from '@trpc/client';
import type { TRPCBuiltRouter, TRPCDefaultErrorShape } from '@trpc/server';
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { useMemo } from 'react';
import type { S3Client } from '../client.ts';
import type { ProcedurePath } from '../generated/procedures.ts';
import type { S3Procedures } from '../generated/router.ts';
import { insideOf } from '../inside.ts';
import { linkWith } from '../trpc/link.ts';
import { useS3Client } from './context.ts';

/** The API as a tRPC router's type, of this package's own plain shapes. */
export type S3Router = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: TRPCDefaultErrorShape; transformer: true },
  S3Procedures
>;
/** `options.jobs.get.queryOptions({ jobId })`, `options.rules.create.mutationOptions()`, `options.jobs.list.queryFilter()`, … */
export type S3Options = TRPCOptionsProxy<S3Router>;

/** As tRPC has it: null for none. */
type Sent = { signal?: AbortSignal | null };

/** Calls the client where tRPC's own would send: what comes back, and every `S3Error`, is the client's. */
class DirectClient extends TRPCUntypedClient<S3Router> {
  readonly #client: S3Client;

  constructor(client: S3Client) {
    // For `jobs.watch`, whose errors are the client's as well.
    super({ links: [linkWith<S3Router>(client, (error) => error as never)] });
    this.#client = client;
  }

  override query(path: string, input?: unknown, options?: Sent): Promise<unknown> {
    return this.#call(path, input, options);
  }

  override mutation(path: string, input?: unknown, options?: Sent): Promise<unknown> {
    return this.#call(path, input, options);
  }

  #call(path: string, input: unknown, { signal }: Sent = {}): Promise<unknown> {
    return insideOf(this.#client).call(path as ProcedurePath, input, { signal: signal ?? undefined });
  }
}

/**
 * Options for `useQuery`, `useMutation`, `useInfiniteQuery`, `prefetchQuery` and the like. An error is the client's `S3Error`, which
 * `isS3Error` narrows. The client retries by itself: set `retry: false` in the defaults of your `QueryClient`.
 *
 * @example
 * const s3 = createS3Options(client, queryClient);
 * const { data } = useQuery(s3.user.me.queryOptions());
 */
export function createS3Options(client: S3Client, queryClient: QueryClient): S3Options {
  return createTRPCOptionsProxy<S3Router>({ client: new DirectClient(client), queryClient });
}

/** The same for the client of the `S3Provider` and the `QueryClient` of its provider. */
export function useS3Options(given?: S3Client): S3Options {
  const client = useS3Client(given);
  const queryClient = useQueryClient();
  return useMemo(() => createS3Options(client, queryClient), [client, queryClient]);
}

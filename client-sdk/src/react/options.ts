/** TanStack Query options for every query and mutation. They call the client, so session, retries and idempotency keys stay its own. */

import type { QueryClient } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { TRPCUntypedClient } from '@trpc/client';
import type { TRPCBuiltRouter, TRPCDefaultErrorShape, TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { useMemo } from 'react';
import type { S3Client } from '../client.ts';
import type { PROCEDURES, ProcedurePath, Procedures } from '../procedures.ts';
import { useS3Client } from './context.ts';

type Root = { ctx: object; meta: object; errorShape: TRPCDefaultErrorShape; transformer: true };
type Definition<P extends ProcedurePath> = {
  // biome-ignore lint/suspicious/noConfusingVoidType: tRPC's word for an input that is left out
  input: Procedures[P]['input'] extends undefined ? void : Procedures[P]['input'];
  output: Procedures[P]['output'];
  meta: unknown;
};
type Group = ProcedurePath extends infer P ? (P extends `${infer G}.${string}` ? G : never) : never;
type NameIn<G extends Group> = ProcedurePath extends infer P ? (P extends `${G}.${infer N}` ? N : never) : never;
type At<G extends Group, N extends string> = Extract<`${G}.${N}`, ProcedurePath>;

/** The API as a tRPC router type, of this package's own plain shapes. */
export type S3Router = TRPCBuiltRouter<
  Root,
  {
    [G in Group]: {
      [N in NameIn<G>]: (typeof PROCEDURES)[At<G, N>]['type'] extends 'query'
        ? TRPCQueryProcedure<Definition<At<G, N>>>
        : TRPCMutationProcedure<Definition<At<G, N>>>;
    };
  }
>;
/** `options.jobs.get.queryOptions({ jobId })`, `options.rules.create.mutationOptions()`, `options.jobs.list.queryFilter()`, … */
export type S3Options = TRPCOptionsProxy<S3Router>;

/** Its input is the idempotency key that each call is given. */
type KeyAlone = 'auth.revoke';

/** Methods of the client that take no input, and their options first. */
const WITHOUT_INPUT: readonly string[] = [
  'auth.renew',
  'auth.revoke',
  'user.me',
  'presets.list',
  'rules.list',
] satisfies (
  | KeyAlone
  | { [P in ProcedurePath]: Procedures[P]['input'] extends undefined ? P : never }[ProcedurePath]
)[];

/** As tRPC has it: null for none. */
type Sent = { signal?: AbortSignal | null };
type Method = (...args: unknown[]) => Promise<unknown>;

/** Calls the client where tRPC's own would send: what comes back, and every `S3Error`, is the client's. */
class DirectClient extends TRPCUntypedClient<S3Router> {
  readonly #client: S3Client;

  constructor(client: S3Client) {
    super({ links: [] });
    this.#client = client;
  }

  override query(path: string, input?: unknown, options?: Sent): Promise<unknown> {
    return this.#call(path, input, options);
  }

  override mutation(path: string, input?: unknown, options?: Sent): Promise<unknown> {
    return this.#call(path, input, options);
  }

  async #call(path: string, input: unknown, { signal }: Sent = {}): Promise<unknown> {
    const options = { signal: signal ?? undefined };
    const [group, name] = path.split('.') as [keyof S3Client, string];
    const api: object = this.#client[group];
    const method = (api as Record<string, Method>)[name] as Method;
    return WITHOUT_INPUT.includes(path) ? method(options) : method(input, options);
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

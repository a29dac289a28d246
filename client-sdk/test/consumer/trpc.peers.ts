/** An app that calls procedures as they are: what compiles, and what must not. */
import { createClient, isS3Error, type Me, type WatchEvent } from '@s3-workers/client-sdk';
import { createS3Trpc, type S3Router, s3Link } from '@s3-workers/client-sdk/trpc';
import { createTRPCClient, loggerLink, TRPCClientError } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';

const client = createClient({ baseUrl: 'https://api.example.com' });
const trpc = createS3Trpc(client);

export const me: Promise<Me> = trpc.user.me.query();
export const page = trpc.jobs.list.query({ limit: 5 }, { context: { maxRetries: 0 } });
export const watching = trpc.jobs.watch.subscribe(
  { jobId: 'job' },
  {
    onData: ({ id, data }: { id: string; data: WatchEvent }) => console.log(id, data.type === 'item' && data.idx),
    onError: ({ cause }) => isS3Error(cause, 'JOB_NOT_FOUND'),
  },
);
export const logged = createTRPCClient<S3Router>({ links: [loggerLink(), s3Link(client)] });

type Preset = inferRouterInputs<S3Router>['presets']['get']['id'];
export const preset: Preset = 'interior';
export const expires = (session: inferRouterOutputs<S3Router>['auth']['renew']): number => session.expiresAt.getTime();

export function needed(error: unknown): number | null {
  if (!(error instanceof TRPCClientError)) return null;
  const { data } = error as TRPCClientError<S3Router>;
  // @ts-expect-error Other codes have no such detail.
  if (data?.errorCode === 'RULE_SLOT_FULL') return data.details.needed;
  return data?.errorCode === 'CREDITS_EXHAUSTED' ? data.details.needed : null;
}

// @ts-expect-error There is no such preset.
export const other: Preset = 'exterior';
// @ts-expect-error A query is not mutated.
trpc.user.me.mutate();
// @ts-expect-error Operators' procedures are not the app's.
trpc.admin.health.query();
// @ts-expect-error It needs an input.
trpc.jobs.get.query();

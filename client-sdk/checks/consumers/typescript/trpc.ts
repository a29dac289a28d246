/** `./trpc`, whose peers' own types take TypeScript 5.7 at least. */
import { createClient, isS3Error, type Me } from '@s3-workers/client-sdk';
import { createS3Trpc, type S3Router, s3Link } from '@s3-workers/client-sdk/trpc';
import { createTRPCClient, loggerLink } from '@trpc/client';
import type { inferRouterInputs } from '@trpc/server';

const client = createClient({ baseUrl: '' });
const trpc = createS3Trpc(client);
export const me: Promise<Me> = trpc.user.me.query();
export const watching = trpc.jobs.watch.subscribe(
  { jobId: 'job' },
  {
    onData: ({ id, data }) => console.log(id, data.type === 'item' && data.idx),
    onError: ({ cause }) => isS3Error(cause, 'JOB_NOT_FOUND'),
  },
);
export const logged = createTRPCClient<S3Router>({ links: [loggerLink(), s3Link(client)] });
export const preset: inferRouterInputs<S3Router>['presets']['get']['id'] = 'interior';
// @ts-expect-error A query is not mutated.
trpc.user.me.mutate();
// @ts-expect-error It needs an input.
trpc.jobs.get.query();

/** What `@s3-workers/client-sdk/trpc` exports: the procedures as they are, for tRPC's own client. */
import { createTRPCClient, type TRPCClient } from '@trpc/client';
import type { S3Client } from '../client.ts';
import { s3Link } from './link.ts';
import type { S3Router } from './router.ts';

export type { S3Procedures } from '../generated/router.ts';
export { s3Link } from './link.ts';
export type { S3Router, S3TrpcErrorData, S3TrpcErrorShape } from './router.ts';

/**
 * tRPC's typed client of every procedure, on the session and the retries of `client`. Whatever the server's router has is here.
 *
 * @example
 * const trpc = createS3Trpc(client);
 * const { credits } = await trpc.user.me.query();
 * trpc.jobs.watch.subscribe({ jobId }, { onData: ({ data }) => console.log(data) });
 */
export function createS3Trpc(client: S3Client): TRPCClient<S3Router> {
  return createTRPCClient<S3Router>({ links: [s3Link(client)] });
}

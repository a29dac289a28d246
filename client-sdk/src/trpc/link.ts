/** The link that ends every chain here: what tRPC's client would send, this package's client calls. */
import type { Operation, TRPCClientError, TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { type Observer, observable } from '@trpc/server/observable';
import type { CallOptions } from '../api/call.ts';
import type { S3Client } from '../client.ts';
import type { ProcedurePath } from '../generated/procedures.ts';
import { insideOf } from '../inside.ts';
import type { S3Router } from './router.ts';
import { trpcErrorOf } from './trpc-error.ts';
import { type WatchInput, watchJob } from './watch-job.ts';

type Watcher = Pick<Observer<{ result: unknown }, unknown>, 'next'>;

/**
 * A terminating link: session, retries, idempotency keys and batches are those of `client`. Links of your own go in front. A call's
 * `context` may hold `timeout` and `maxRetries`, as `CallOptions` has them.
 *
 * An error is a `TRPCClientError` with the server's `data`, and with the client's `S3Error` as its `cause`.
 */
export const s3Link = <Router extends AnyTRPCRouter = S3Router>(client: S3Client): TRPCLink<Router> =>
  linkWith(client, trpcErrorOf);

/** @internal @param errorOf what is thrown for an error of the client's */
export function linkWith<Router extends AnyTRPCRouter>(
  client: S3Client,
  errorOf: (error: unknown, path: string) => TRPCClientError<Router>,
): TRPCLink<Router> {
  const inside = insideOf(client);
  return () =>
    ({ op }) =>
      observable((observer) => {
        const controller = new AbortController();
        const leave = () => controller.abort();
        op.signal?.addEventListener('abort', leave, { once: true });
        if (op.signal?.aborted) leave();
        const next = observer.next as Watcher['next'];
        const work =
          op.type === 'subscription'
            ? watchJob(inside, op.input as WatchInput, heardBy({ next }), controller.signal)
            : inside
                .call(op.path as ProcedurePath, op.input, { ...optionsOf(op), signal: controller.signal })
                .then((data) => next({ result: { type: 'data', data } }));
        work.then(
          () => observer.complete(),
          (error) => observer.error(errorOf(error, op.path)),
        );
        return () => {
          op.signal?.removeEventListener('abort', leave);
          leave();
        };
      });
}

function heardBy({ next }: Watcher) {
  const state = (now: 'connecting' | 'pending') => next({ result: { type: 'state', state: now, error: null } });
  return {
    connecting: () => state('connecting'),
    opened() {
      state('pending');
      next({ result: { type: 'started' } });
    },
    event: (id: string, data: unknown) => next({ result: { type: 'data', id, data: { id, data } } }),
  };
}

function optionsOf({ context }: Operation): CallOptions {
  const { timeout, maxRetries } = context as CallOptions;
  return { ...(timeout !== undefined && { timeout }), ...(maxRetries !== undefined && { maxRetries }) };
}

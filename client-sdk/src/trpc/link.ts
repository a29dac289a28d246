/** The link that ends every chain here: what tRPC's client would send, this package's client calls. */
import { type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { type Observer, observable } from '@trpc/server/observable';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { CallOptions } from '../api/call.ts';
import type { S3Client } from '../client.ts';
import { type AnyS3Error, isS3Error } from '../errors.ts';
import { ERROR_STATUS, ERROR_TRPC, type ServerErrorData } from '../generated/errors.ts';
import type { ProcedurePath } from '../generated/procedures.ts';
import { insideOf } from '../inside.ts';
import type { S3Router } from './router.ts';
import { type WatchInput, watchJob } from './watch-job.ts';

type Watcher = Pick<Observer<{ result: unknown }, unknown>, 'next'>;

/**
 * A terminating link: session, retries, idempotency keys and batches are those of `client`. Links of your own go in front. A call's
 * `context` may hold `timeout` and `maxRetries`, as `CallOptions` has them.
 *
 * An error is a `TRPCClientError` with the server's `data`, and with the client's `S3Error` as its `cause`.
 */
export function s3Link<Router extends AnyTRPCRouter = S3Router>(client: S3Client): TRPCLink<Router> {
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
          (error) => observer.error(trpcErrorOf(error, op.path)),
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

/** Without an answer of the server's there is no `data`, as with tRPC's own links. */
function trpcErrorOf<Router extends AnyTRPCRouter>(error: unknown, path: string): TRPCClientError<Router> {
  const cause = error instanceof Error ? error : new Error(String(error));
  if (isS3Error(error) && Object.hasOwn(ERROR_STATUS, error.code)) {
    return new TRPCClientError(error.message, { result: { error: shapeOf(error, path) as never }, cause });
  }
  // By its digest a framework knows what it threw itself, through whatever stands in between.
  const { digest } = cause as { digest?: unknown };
  return Object.assign(new TRPCClientError<Router>(cause.message, { cause }), digest !== undefined && { digest });
}

/** The error as the server gave it. */
function shapeOf({ code, message, status, requestId, data: details }: AnyS3Error, path: string) {
  const errorCode = code as keyof ServerErrorData;
  const trpc = ERROR_TRPC[errorCode];
  const data = { code: trpc, httpStatus: status ?? ERROR_STATUS[errorCode], path, errorCode, details, requestId };
  return { message, code: TRPC_ERROR_CODES_BY_KEY[trpc], data };
}

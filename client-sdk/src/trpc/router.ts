/** The API as a tRPC router's type, and its errors as tRPC's clients see them. */
import type { TRPC_ERROR_CODE_KEY, TRPCBuiltRouter } from '@trpc/server';
import type { ServerErrorData } from '../generated/errors.ts';
import type { S3Procedures } from '../generated/router.ts';

/** `error.data` of an error that the server gave: a `switch` on `errorCode` gives `details` its type. */
export type S3TrpcErrorData = {
  [C in keyof ServerErrorData]: {
    code: TRPC_ERROR_CODE_KEY;
    httpStatus: number;
    path?: string;
    errorCode: C;
    details: ServerErrorData[C];
    requestId: string;
  };
}[keyof ServerErrorData];
export interface S3TrpcErrorShape {
  message: string;
  /** JSON-RPC 2.0's. */
  code: number;
  data: S3TrpcErrorData;
}

/** The API as a tRPC router's type. */
export type S3Router = TRPCBuiltRouter<
  { ctx: object; meta: object; errorShape: S3TrpcErrorShape; transformer: true },
  S3Procedures
>;

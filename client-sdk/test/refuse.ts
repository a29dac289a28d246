/** How a procedure of the fake server refuses. */
import { TRPCError } from '@trpc/server';
import * as contract from '../../server/src/contract/index.ts';

export class RefusalError extends Error {
  readonly refusal: { code: contract.ErrorCode; details: unknown };
  constructor(code: contract.ErrorCode, details: unknown) {
    super(code);
    this.refusal = { code, details };
  }
}

/** Throws what the client gets as an error with that code. */
export function refuse(code: contract.ErrorCode, details: unknown = null, message = `refused: ${code}`): never {
  throw new TRPCError({ code: contract.ERROR_CODES[code].trpc, message, cause: new RefusalError(code, details) });
}

/** `user.*`: what the user has and what it was spent on. Amounts are whole credits; one credit is one photo. */
import type { UserCalls } from '../generated/calls.ts';
import type { DeletedUser } from '../generated/types.ts';
import type { CallOptions } from './call.ts';

export interface UserApi extends UserCalls {
  /**
   * Deletes the user with all jobs, photos, rules and receipts, on all devices; stops live jobs. The session here is removed. Of an
   * account that no change has opened nothing is stored, and a copy of its token stays good.
   */
  delete(options?: CallOptions): Promise<DeletedUser>;
}

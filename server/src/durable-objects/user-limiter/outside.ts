/** What a user's object asks of others: the jobs' objects, the one that keeps the ceilings, D1 and R2. Each within a time limit of ours. */
import type { Env } from '../../bindings.ts';
import { type AccountsRow, writeAccounts } from '../../db/accounts.ts';
import { eraseUser } from '../../db/erase-user.ts';
import type { Lowering } from '../../domain/allowance.ts';
import type { DispatchClaim, SignUpClaim } from '../../domain/ceilings.ts';
import { userPrefixes } from '../../domain/keys.ts';
import { settingsOf } from '../../settings/settings.ts';
import { deleteUnder } from '../../storage/deletion.ts';
import { withTimeLimit } from '../../time-limit.ts';
import type { Remote } from '../remote.ts';
import type { CeilingsCalls } from './calls.ts';
import { CEILINGS_NAME } from './ceilings.ts';
import type { JobEnd } from './erasure.ts';

/** LIST and DELETE pairs in one wake-up. */
const BATCHES = 20;

/** The one object that keeps the ceilings. */
export const ceilingsOf = (env: Env): Remote<CeilingsCalls> =>
  env.USER_LIMITER.get(env.USER_LIMITER.idFromName(CEILINGS_NAME));

export type Outside = ReturnType<typeof outsideOf>;

export function outsideOf(env: Env) {
  const job = (jobId: string) => env.JOB_COORDINATOR.get(env.JOB_COORDINATOR.idFromString(jobId));
  const limited = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    const { EFFECT_TIMEOUT_MS } = settingsOf(env).numbers;
    return withTimeLimit(EFFECT_TIMEOUT_MS, what, ask());
  };
  return {
    jobLives: async (jobId: string): Promise<boolean> => (await limited('abandon', () => job(jobId).abandon())).lives,
    eraseJob: (userId: string, jobId: string, held: boolean): Promise<JobEnd> =>
      limited('erase', () => job(jobId).erase(userId, held)),
    endWatching: (jobId: string, epoch: number): Promise<void> =>
      limited('endWatching', () => Promise.resolve(job(jobId).endWatching(epoch))),
    claimSignUp: (claim: SignUpClaim) => limited('ceilings', () => ceilingsOf(env).claimSignUp(claim)),
    claimDispatch: (claim: DispatchClaim) => limited('ceilings', () => ceilingsOf(env).claimDispatch(claim)),
    lowerDispatch: (owed: Lowering[]) => limited('ceilings', () => ceilingsOf(env).lowerDispatch(owed)),
    write: (rows: readonly AccountsRow[]) => limited('D1', () => writeAccounts(env.DB, rows)),
    eraseRows: (userId: string) => eraseUser(env.DB, userId),
    eraseObjects: (userId: string) => deleteUnder(env.R2, userPrefixes(userId), () => false, BATCHES),
  };
}

/**
 * How an account comes to be. A sign-up stores nothing: the first change of a user opens the account with what his token carries. The
 * ceilings are asked before anything is written here, and the claim made there is counted once, so a crash in between, and two first
 * changes at the same moment, open one account with its credits once.
 */

import type { Env } from '../../bindings.ts';
import { openedWith } from '../../domain/ledger.ts';
import { PLANS, SIGN_UP_PLAN } from '../../domain/plans.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { SignUp } from '../../domain/sign-up.ts';
import { failure, log } from '../../log.ts';
import { addressMark } from '../../security/user-id.ts';
import { settingsOf } from '../../settings/settings.ts';
import { withTimeLimit } from '../../time-limit.ts';
import { ceilingsOf } from './ceilings.ts';
import type { UserStore } from './store.ts';

export class Opening {
  readonly #env: Env;
  readonly #store: UserStore;
  readonly #tellD1: () => void;

  /** @param tellD1 called in the turn of the commit */
  constructor(env: Env, store: UserStore, tellD1: () => void) {
    this.#env = env;
    this.#store = store;
    this.#tellD1 = tellD1;
  }

  /** Opens the account unless it is open. Whoever goes on from here loads it anew: others may have changed it meanwhile. */
  async once(signUp: SignUp): Promise<Result<null>> {
    if (this.#store.user() !== null) return ok(null);
    const credits = await this.#freeCredits(signUp);
    if (!credits.ok) return credits;
    // Another first change may have opened it while the ceilings were asked.
    if (this.#store.user() === null) this.#open(signUp, credits.value);
    return ok(null);
  }

  #open({ userId, deviceHash, signedUpAt }: SignUp, credits: number): void {
    const key = `plan:${SIGN_UP_PLAN}`;
    this.#store.transaction(() => {
      this.#store.insertUser({
        userId,
        account: openedWith(credits),
        deviceHash,
        createdAt: signedUpAt,
        sessionEpoch: 0,
        live: [],
        recent: [],
        more: {},
      });
      this.#store.enqueue('user', userId);
      if (credits === 0) return;
      this.#store.insertGrant({ key, amount: credits, reason: 'sign-up', createdAt: Date.now() });
      this.#store.enqueue('grant', key);
    });
    this.#tellD1();
  }

  /** What the new account begins with. */
  async #freeCredits({ userId, deviceHash, address }: SignUp): Promise<Result<number>> {
    const settings = settingsOf(this.#env);
    const claim = {
      userId,
      deviceHash,
      credits: PLANS[SIGN_UP_PLAN].credits,
      addressMark: address === null ? null : addressMark(address, settings),
    };
    try {
      const asked = ceilingsOf(this.#env).claimSignUp(claim);
      return ok(await withTimeLimit(settings.numbers.EFFECT_TIMEOUT_MS, 'ceilings', asked));
    } catch (error) {
      log('error', 'ceilings.failed', { userId, ...failure(error) });
      return refuse('SERVICE_UNAVAILABLE', 'no account can be opened now, try again', { settings: [] });
    }
  }
}

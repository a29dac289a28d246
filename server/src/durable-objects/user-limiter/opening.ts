/**
 * How an account comes to be. A sign-up stores nothing: the first change of a user opens the account with what his token carries. The
 * ceilings are asked before anything is written here, and the claim made there is counted once, so a crash in between, and two first
 * changes at the same moment, open one account with its credits once.
 */
import type { SignUpClaim } from '../../domain/ceilings.ts';
import { openedWith } from '../../domain/ledger.ts';
import { PLANS, SIGN_UP_PLAN } from '../../domain/plans.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { type SignUp, usedLongAgo } from '../../domain/sign-up.ts';
import { failure, log } from '../../log.ts';
import type { Grant, NewUser, User } from './state.ts';

export type OpeningPorts = {
  now(): number;
  user(): User | null;
  /** One commit, with what D1 has to hear of it. */
  create(user: NewUser, granted: Grant | null): void;
  /** Names an address without telling it. */
  addressMark(address: string): string;
  /** Asks the ceilings for the credits of a new account. Rejects when they do not answer. */
  claimSignUp(claim: SignUpClaim): Promise<number>;
  /** Called in the turn of the commit. */
  tellD1(): void;
  /** How long the same sign-up may be repeated; milliseconds. */
  limits(): { signUpRepeatMs: number };
};

export class Opening {
  readonly #ports: OpeningPorts;

  constructor(ports: OpeningPorts) {
    this.#ports = ports;
  }

  /**
   * Opens the account at once, for a key that does not tell its age, or finds it opened by the same call before. A repeat long after
   * that is refused: the key that names the account is no credential for ever.
   */
  async signUp(signUp: SignUp): Promise<Result<null>> {
    const known = this.#ports.user();
    if (known === null) return this.once(signUp);
    const repeated = this.#ports.now() - known.createdAt <= this.#ports.limits().signUpRepeatMs;
    return repeated && known.more.erasing === undefined ? ok(null) : usedLongAgo();
  }

  /** Opens the account unless it is open. Whoever goes on from here loads it anew: others may have changed it meanwhile. */
  async once(signUp: SignUp): Promise<Result<null>> {
    if (this.#ports.user() !== null) return ok(null);
    const credits = await this.#freeCredits(signUp);
    if (!credits.ok) return credits;
    // Another first change may have opened it while the ceilings were asked.
    if (this.#ports.user() === null) this.#open(signUp, credits.value);
    return ok(null);
  }

  #open({ userId, deviceHash, signedUpAt }: SignUp, credits: number): void {
    const user = { userId, account: openedWith(credits), deviceHash, createdAt: signedUpAt };
    const key = `plan:${SIGN_UP_PLAN}`;
    const granted = { key, amount: credits, reason: 'sign-up', createdAt: this.#ports.now() };
    this.#ports.create(user, credits === 0 ? null : granted);
    this.#ports.tellD1();
  }

  /** What the new account begins with. */
  async #freeCredits({ userId, deviceHash, address }: SignUp): Promise<Result<number>> {
    const claim = {
      userId,
      deviceHash,
      credits: PLANS[SIGN_UP_PLAN].credits,
      addressMark: address === null ? null : this.#ports.addressMark(address),
    };
    try {
      return ok(await this.#ports.claimSignUp(claim));
    } catch (error) {
      log('error', 'ceilings.failed', { userId, ...failure(error) });
      return refuse('SERVICE_UNAVAILABLE', 'no account can be opened now, try again', { settings: [] });
    }
  }
}

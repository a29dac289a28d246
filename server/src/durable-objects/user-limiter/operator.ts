/** What an operator changes of a user: his plan, his credits, and that D1 is told everything again. */
import type { Adopted } from '../../contract/admin.ts';
import type { Me, PlanId } from '../../contract/user.ts';
import type { SignUpClaim } from '../../domain/ceilings.ts';
import { type Account, grant, openedWith } from '../../domain/ledger.ts';
import { PLANS, SIGN_UP_PLAN } from '../../domain/plans.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { userNotFound } from './access.ts';
import type { Grant, NewUser, StoredRule, User } from './state.ts';

export type OperatorPorts = {
  now(): number;
  user(): User | null;
  /** The user unless he is being deleted. */
  current(): User | null;
  /** Opens the account for a first change. */
  openedFor(userId: string): Promise<Result<User>>;
  grant(key: string): Grant | null;
  /** Asks the ceilings, which remember the device. Rejects when they do not answer. */
  claimSignUp(claim: SignUpClaim): Promise<number>;
  /** One commit: a new account with its credits and rules, and what D1 has to hear of it. */
  create(user: NewUser, granted: Grant | null, rules: readonly StoredRule[]): void;
  /** One commit, with what D1 has to hear of it. */
  saveChanged(user: User, account: Account, granted: Grant | null): void;
  /** One commit: D1 has to hear of everything. */
  projectAll(user: User): void;
  /** Has D1 told, and waits for that. */
  tellD1(): Promise<void>;
  me(): Me | null;
};

export class Operator {
  readonly #ports: OperatorPorts;

  constructor(ports: OperatorPorts) {
    this.#ports = ports;
  }

  /** Changes the plan at once. The plan's own credits come with the first time it is entered: that of sign-up with the sign-up alone. */
  async setPlan(userId: string, plan: PlanId): Promise<Result<Me>> {
    const opened = await this.#ports.openedFor(userId);
    if (!opened.ok) return opened;
    const user = opened.value;
    const account = { ...user.account, plan, version: user.account.version + 1 };
    const had = plan === SIGN_UP_PLAN || plan === user.account.plan;
    const credits = had ? 0 : PLANS[plan].credits;
    this.#grantOnce(user, account, `plan:${plan}`, credits, `plan ${plan}`);
    await this.#ports.tellD1();
    return this.#view();
  }

  /** Grants credits once per key; the same key with another amount is refused. */
  async grantCredits(userId: string, key: string, amount: number, reason: string): Promise<Result<Me>> {
    const opened = await this.#ports.openedFor(userId);
    if (!opened.ok) return opened;
    const user = opened.value;
    const given = this.#ports.grant(`admin:${key}`);
    if (given !== null && given.amount !== amount) {
      return refuse('IDEMPOTENCY_CONFLICT', `idempotencyKey: granted ${given.amount} before`, {
        field: 'idempotencyKey',
      });
    }
    this.#grantOnce(user, user.account, `admin:${key}`, amount, reason);
    await this.#ports.tellD1();
    return this.#view();
  }

  /**
   * Opens the account of a user of an earlier service with what he has left there, under the key of his plan's own credits: neither he nor
   * his device gets them again. An account that is open, by the same call before or otherwise, stays as it is.
   */
  async adopt({ userId, plan, credits, deviceHash, createdAt, rules }: Adopted): Promise<Result<Me>> {
    const isOpen = () => this.#ports.user() !== null;
    if (!isOpen()) await this.#ports.claimSignUp({ userId, deviceHash, credits: 0, addressMark: null });
    if (!isOpen()) {
      const account = { ...openedWith(credits), plan: plan as PlanId };
      const granted = { key: `plan:${plan}`, amount: credits, reason: 'adopted', createdAt: this.#ports.now() };
      const user = { userId, account, deviceHash, createdAt };
      this.#ports.create(user, credits === 0 ? null : granted, rules.map(storedOf));
    }
    await this.#ports.tellD1();
    return this.#view();
  }

  /** Writes everything to D1 again; for reconciliation. */
  async project(): Promise<void> {
    const user = this.#ports.current();
    if (user === null) return;
    this.#ports.projectAll(user);
    await this.#ports.tellD1();
  }

  #grantOnce(user: User, account: Account, key: string, amount: number, reason: string): void {
    if (this.#ports.grant(key) === null && amount > 0) {
      const granted = { key, amount, reason, createdAt: this.#ports.now() };
      this.#ports.saveChanged(user, grant(account, amount), granted);
    } else this.#ports.saveChanged(user, account, null);
  }

  #view(): Result<Me> {
    const me = this.#ports.me();
    return me === null ? userNotFound() : ok(me);
  }
}

const storedOf = ({ presetId, ...rule }: Adopted['rules'][number]): StoredRule => ({
  ...rule,
  preset: presetId,
  deletedAt: null,
  version: 1,
});

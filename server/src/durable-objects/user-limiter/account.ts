/** What is told of an account, open or not: credits, slots, limits, and whether a job would be admitted. */
import type { ExportPage } from '../../contract/export.ts';
import type { Rule } from '../../contract/rules.ts';
import type { Me } from '../../contract/user.ts';
import { admission, openedWith, takingSlots } from '../../domain/ledger.ts';
import { meOf, meToCome } from '../../domain/me.ts';
import { ok, type Refused, type Result } from '../../domain/result.ts';
import type { More, StoredRule, User } from './state.ts';

export type AccountPorts = {
  user(): User | null;
  /** The user unless he is being deleted. */
  current(): User | null;
  /** Those that were not deleted. */
  rules(): readonly StoredRule[];
  /** Those of them that can be shown. */
  shownRules(): Rule[];
  /** Counts one of the hour's queries. */
  countQuery(user: User): Result<null>;
  /** Whether the day has one more job. */
  jobCreated(user: User): Result<More>;
};

export class AccountView {
  readonly #ports: AccountPorts;

  constructor(ports: AccountPorts) {
    this.#ports = ports;
  }

  /** What the user is told of his account, open or not; null when it was deleted. */
  meOf(userId: string): Me | null {
    return this.#ports.user() === null ? meToCome(userId) : this.me();
  }

  /** Null while the account is not open, and when it was deleted. */
  me(): Me | null {
    const user = this.#ports.current();
    if (user === null) return null;
    const used = { activeJobs: takingSlots(user.live).length, rules: this.#ports.rules().length };
    return meOf(user.userId, user.account, used);
  }

  /** The account with its rules, for the user's export. */
  exported(): Pick<ExportPage, 'user' | 'rules'> {
    const me = this.me();
    const user = this.#ports.current();
    if (me === null || user === null) return { user: null, rules: [] };
    const { userId, plan, credits } = me;
    const createdAt = new Date(user.createdAt);
    return { user: { userId, plan, credits, createdAt, deviceHash: user.deviceHash }, rules: this.#ports.shownRules() };
  }

  /** Whether a job of that many photos would be admitted now, or why not. One of the hour's queries, once there is an account. */
  admit(photos: number): Result<{ balance: number; refused: Refused | null }> {
    const user = this.#ports.user();
    const counted = user === null ? ok(null) : this.#ports.countQuery(user);
    if (!counted.ok) return counted;
    const { account, live } = user ?? { account: openedWith(), live: [] };
    const admitted = admission(account, takingSlots(live), photos);
    const taken = admitted.ok && user !== null ? this.#ports.jobCreated(user) : admitted;
    return ok({ balance: account.balance, refused: taken.ok ? null : taken });
  }
}

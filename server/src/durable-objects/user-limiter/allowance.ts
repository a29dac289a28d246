/** The account's day: what it has used of its plan's allowance, kept with its row. Each count is what to save, or why not. */
import type { PlanId } from '../../contract/user.ts';
import {
  type Allowance,
  countJob,
  countQuery,
  countRevocation,
  countRuleChange,
  type DayUse,
  ruleChanged,
  usedBy,
} from '../../domain/allowance.ts';
import { ok, type Result } from '../../domain/result.ts';
import type { More, User } from './state.ts';

export type AllowancePorts = {
  now(): number;
  saveMore(more: More): void;
  allowanceOf(plan: PlanId): Allowance;
  /** Revocations of all sessions, whatever the plan. */
  dailyRevocations(): number;
};

type Count = (use: DayUse, allowance: Allowance, now: number) => Result<DayUse>;

export class DayAllowance {
  readonly #ports: AllowancePorts;

  constructor(ports: AllowancePorts) {
    this.#ports = ports;
  }

  /** What to save when a job is created; refused beyond the day's. */
  jobCreated(user: User): Result<More> {
    return this.#count(user, countJob);
  }

  /** The same for a rule that is created or changed. */
  ruleChange(user: User): Result<More> {
    return this.#count(user, countRuleChange);
  }

  /** The same for a rule that is deleted, which is never refused. */
  ruleDeleted({ more }: User): More {
    return { ...more, day: ruleChanged(usedBy(more.day, this.#ports.now())) };
  }

  /** The same for a revocation of all sessions. */
  countRevocation(user: User): Result<More> {
    return this.#count(user, (use, _, now) => countRevocation(use, this.#ports.dailyRevocations(), now));
  }

  /** Counts a query that asks other objects or D1. @param cost as many as it asks, where that is more than a few */
  countQuery(user: User, cost = 1): Result<null> {
    const more = this.#count(user, (use, allowance, now) => countQuery(use, allowance, now, cost));
    if (!more.ok) return more;
    this.#ports.saveMore(more.value);
    return ok(null);
  }

  #count({ account, more }: User, count: Count): Result<More> {
    const now = this.#ports.now();
    const use = count(usedBy(more.day, now), this.#ports.allowanceOf(account.plan), now);
    return use.ok ? ok({ ...more, day: use.value }) : use;
  }
}

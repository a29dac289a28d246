/** One user of the test server: credits, slots, rules and the session's epoch. domain/ decides, as it does on the server. */
import type { ConceptMap } from '../../../server/src/contract/concepts.ts';
import type { Rule } from '../../../server/src/contract/rules.ts';
import type { Me, PlanId, Receipt } from '../../../server/src/contract/user.ts';
import {
  type Account,
  admission,
  grant,
  type Hold,
  newAccount,
  type Reserve,
  reserve,
  type Settle,
  settle,
} from '../../../server/src/domain/ledger.ts';
import { limitsOf, PLANS } from '../../../server/src/domain/plans.ts';
import { ok, type Result, refuse } from '../../../server/src/domain/result.ts';
import { takeRuleSlot } from '../../../server/src/domain/rule-slots.ts';

/** As much as the server's own hold-check time: here no hold is ever left without its job. */
const HOLD_CHECK_MS = 120_000;

export type RuleDraft = Pick<Rule, 'name' | 'presetId' | 'protect'> & { concepts: ConceptMap };

export class TestAccount {
  readonly userId: string;
  readonly createdAt: number;
  /** Tokens issued before this moment are void. */
  sessionEpoch = 0;
  #account: Account = newAccount('free');
  readonly #granted = new Set<string>();
  readonly #holds = new Map<string, Hold>();
  readonly #receipts: Receipt[] = [];
  readonly #rules = new Map<string, Rule>();

  constructor(userId: string, now: number) {
    this.userId = userId;
    this.createdAt = now;
    this.#grantOnce('plan:free', PLANS.free.credits, 'sign-up', now);
  }

  me(): Me {
    const { plan, balance, held, spent, granted } = this.#account;
    return {
      userId: this.userId,
      plan,
      credits: { balance, held, spent, granted },
      activeJobs: this.#live().length,
      ruleSlots: { used: this.#rules.size, max: PLANS[plan].ruleSlots },
      limits: limitsOf(plan),
    };
  }

  /** Newest first. */
  get receipts(): Receipt[] {
    return this.#receipts.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
  }

  setPlan(plan: PlanId, now: number): void {
    this.#account = { ...this.#account, plan };
    this.#grantOnce(`plan:${plan}`, PLANS[plan].credits, `plan ${plan}`, now);
  }

  grantCredits(amount: number, reason: string, now: number): void {
    this.#grantOnce(`admin:${this.#granted.size}`, amount, reason, now);
  }

  admit(photos: number): Result<null> & { balance: number } {
    return { ...admission(this.#account, this.#live(), photos), balance: this.#account.balance };
  }

  reserve(command: Omit<Reserve, 'checkAt'>, now: number): Result<{ settled: boolean }> {
    const known = this.#holds.get(command.jobId) ?? null;
    const decision = reserve(this.#account, this.#live(), known, { ...command, checkAt: now + HOLD_CHECK_MS }, now);
    if (!decision.ok) return decision;
    this.#save(decision.value);
    return ok({ settled: decision.value.hold.settledAt !== null });
  }

  /** @param endedAt when the job ended, which is the receipt's time */
  settle(command: Settle, endedAt: number, now: number): void {
    const hold = this.#holds.get(command.jobId);
    if (hold === undefined) throw new Error('no credits are held for that job');
    const decision = settle(this.#account, hold, command, now);
    if (!decision.ok) throw new Error(decision.refusal.message);
    this.#save(decision.value);
    if (!decision.value.changed || command.charged === 0) return;
    const { jobId, charged } = command;
    const createdAt = new Date(endedAt);
    this.#receipts.push({ id: `charge:${jobId}`, type: 'charge', amount: -charged, ref: jobId, createdAt });
  }

  createRule(id: string, draft: RuleDraft, now: number): Result<Rule> {
    const slot = takeRuleSlot(this.#account.plan, this.#rules.size);
    if (!slot.ok) return slot;
    const rule = { ...draft, id, createdAt: new Date(now), updatedAt: new Date(now) };
    this.#rules.set(id, rule);
    return ok(rule);
  }

  /** Oldest first. */
  get rules(): Rule[] {
    return [...this.#rules.values()];
  }

  rule(id: string): Result<Rule> {
    const rule = this.#rules.get(id);
    return rule === undefined ? refuse('RULE_NOT_FOUND', 'no such rule', null) : ok(rule);
  }

  updateRule(rule: Rule, change: Omit<RuleDraft, 'presetId'>, now: number): Rule {
    const changed = { ...rule, ...change, updatedAt: new Date(now) };
    this.#rules.set(rule.id, changed);
    return changed;
  }

  deleteRule(id: string): void {
    this.#rules.delete(id);
  }

  #live(): string[] {
    return [...this.#holds.values()].filter(({ settledAt }) => settledAt === null).map(({ jobId }) => jobId);
  }

  #save({ account, hold }: { account: Account; hold: Hold }): void {
    this.#account = account;
    this.#holds.set(hold.jobId, hold);
  }

  #grantOnce(key: string, amount: number, reason: string, now: number): void {
    if (this.#granted.has(key)) return;
    this.#granted.add(key);
    this.#account = grant(this.#account, amount);
    const id = `grant:${this.userId}:${key}`;
    this.#receipts.push({ id, type: 'grant', amount, ref: reason, createdAt: new Date(now) });
  }
}

/** One user of the test server: credits, slots, rules and the session's epoch. domain/ decides, as it does on the server. */
import type { ConceptMap } from '../../../server/src/contract/concepts.ts';
import type { Rule } from '../../../server/src/contract/rules.ts';
import type { Me, PlanId, Receipt } from '../../../server/src/contract/user.ts';
import {
  bookClaim,
  claimPhotos,
  countJob,
  countQuery,
  countRuleChange,
  type DayUse,
  ruleChanged,
  untilOf,
  usedBy,
} from '../../../server/src/domain/allowance.ts';
import { fits } from '../../../server/src/domain/ceilings.ts';
import {
  type Account,
  admission,
  grant,
  type Hold,
  openedWith,
  type Reserve,
  reserve,
  type Settle,
  settle,
} from '../../../server/src/domain/ledger.ts';
import { meOf } from '../../../server/src/domain/me.ts';
import { PLANS, SIGN_UP_PLAN } from '../../../server/src/domain/plans.ts';
import { ok, type Result, refuse } from '../../../server/src/domain/result.ts';
import type { Revoked } from '../../../server/src/domain/revocation.ts';
import { takeRuleSlot } from '../../../server/src/domain/rule-slots.ts';
import type { Surroundings } from './surroundings.ts';

/** As much as the server's own hold-check time: here no hold is ever left without its job. */
const HOLD_CHECK_MS = 120_000;

export type RuleDraft = Pick<Rule, 'name' | 'presetId' | 'protect'> & { concepts: ConceptMap };

export class TestAccount {
  readonly userId: string;
  readonly createdAt: number;
  /** Tokens issued before this moment are void. */
  sessionEpoch = 0;
  /** The last revocation that named a key. */
  revoked: Revoked | undefined;
  /** Whether a first change has opened it: until then it shows what it will have. */
  #isOpen = false;
  #account: Account = openedWith();
  readonly #granted = new Set<string>();
  readonly #holds = new Map<string, Hold>();
  readonly #receipts: Receipt[] = [];
  readonly #rules = new Map<string, Rule>();
  readonly #deletedRules = new Set<string>();
  readonly #world: Pick<Surroundings, 'settings' | 'dispatched'>;
  #day: DayUse | undefined;

  constructor(world: Pick<Surroundings, 'settings' | 'dispatched'>, userId: string, now: number) {
    this.#world = world;
    this.userId = userId;
    this.createdAt = now;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** With the first change the credits that it shows are granted. */
  open(now: number): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#note(`plan:${SIGN_UP_PLAN}`, PLANS[SIGN_UP_PLAN].credits, 'sign-up', now);
  }

  me(): Me {
    return meOf(this.userId, this.#account, { activeJobs: this.#live().length, rules: this.#rules.size });
  }

  /** Newest first. */
  get receipts(): Receipt[] {
    return this.#receipts.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
  }

  setPlan(plan: PlanId, now: number): void {
    this.open(now);
    this.#account = { ...this.#account, plan };
    this.#grantOnce(`plan:${plan}`, PLANS[plan].credits, `plan ${plan}`, now);
  }

  grantCredits(amount: number, reason: string, now: number): void {
    this.open(now);
    this.#grantOnce(`admin:${this.#granted.size}`, amount, reason, now);
  }

  admit(photos: number, now: number): Result<unknown> & { balance: number } {
    const { plan, balance } = this.#account;
    const admitted = admission(this.#account, this.#live(), photos);
    const counted = () => countJob(usedBy(this.#day, now), this.#world.settings.allowances[plan], now);
    return { ...(admitted.ok ? counted() : admitted), balance };
  }

  reserve(command: Omit<Reserve, 'checkAt'>, now: number): Result<{ settled: boolean }> {
    const known = this.#holds.get(command.jobId) ?? null;
    const decision = reserve(this.#account, this.#live(), known, { ...command, checkAt: now + HOLD_CHECK_MS }, now);
    if (!decision.ok) return decision;
    if (decision.value.changed) {
      const counted = this.#count(countJob, now);
      if (!counted.ok) return counted;
    }
    this.open(now);
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
    if (decision.value.changed) this.#book(hold, command, now);
    if (!decision.value.changed || command.charged === 0) return;
    const { jobId, charged } = command;
    const createdAt = new Date(endedAt);
    this.#receipts.push({ id: `charge:${jobId}`, type: 'charge', amount: -charged, ref: jobId, createdAt });
  }

  /** One of the hour's queries. */
  query(now: number): Result<null> {
    return this.#count(countQuery, now);
  }

  /** Lets a job's photos through to the GPU, once. */
  claim(jobId: string, photos: number, now: number): Result<null> {
    const hold = this.#holds.get(jobId);
    if (hold === undefined) throw new Error('no credits are held for that job');
    const open = [...this.#holds.values()].filter((other) => other !== hold && other.settledAt === null);
    const others = open.flatMap(({ claim }) => claim ?? []);
    const { settings, dispatched } = this.#world;
    const claim = claimPhotos(
      usedBy(this.#day, now),
      others,
      hold.claim,
      photos,
      settings.allowances[this.#account.plan],
    );
    if (!claim.ok) return claim;
    if (claim.value === hold.claim) return ok(null);
    const { day } = claim.value;
    const used = dispatched.get(day) ?? 0;
    if (!fits(used, photos, settings.dailyPhotos)) {
      const until = untilOf(day);
      return refuse('CEILING_REACHED', `no more photos are taken today: it goes on at ${until}`, { until });
    }
    dispatched.set(day, used + photos);
    this.#holds.set(jobId, { ...hold, claim: claim.value });
    return ok(null);
  }

  #book({ jobId, claim }: Hold, { charged, sent }: Settle, now: number): void {
    if (claim === undefined) return;
    const { use, lowering } = bookClaim(usedBy(this.#day, now), jobId, claim, { charged, sent: sent ?? claim.photos });
    this.#day = use;
    const { dispatched } = this.#world;
    if (lowering !== null) {
      dispatched.set(claim.day, (dispatched.get(claim.day) ?? 0) - (claim.photos - lowering.reached));
    }
  }

  #count(count: typeof countJob, now: number): Result<null> {
    const counted = count(usedBy(this.#day, now), this.#world.settings.allowances[this.#account.plan], now);
    if (!counted.ok) return counted;
    this.#day = counted.value;
    return ok(null);
  }

  /** The same id again finds the rule that it made. */
  createRule(id: string, draft: RuleDraft, now: number): Result<Rule> {
    const known = this.#rules.get(id);
    if (known !== undefined && JSON.stringify(contentOf(known)) === JSON.stringify(contentOf(draft))) return ok(known);
    if (known !== undefined || this.#deletedRules.has(id)) {
      return refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used for another rule', { field: 'idempotencyKey' });
    }
    const slot = takeRuleSlot(this.#account.plan, this.#rules.size);
    if (!slot.ok) return slot;
    const counted = this.#count(countRuleChange, now);
    if (!counted.ok) return counted;
    this.open(now);
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

  updateRule(rule: Rule, change: Omit<RuleDraft, 'presetId'>, now: number): Result<Rule> {
    if (JSON.stringify(contentOf({ ...rule, ...change })) === JSON.stringify(contentOf(rule))) return ok(rule);
    const counted = this.#count(countRuleChange, now);
    if (!counted.ok) return counted;
    const changed = { ...rule, ...change, updatedAt: new Date(now) };
    this.#rules.set(rule.id, changed);
    return ok(changed);
  }

  /** Deleting what was deleted is done already. */
  deleteRule(id: string, now: number): Result<null> {
    if (this.#deletedRules.has(id)) return ok(null);
    const known = this.rule(id);
    if (!known.ok) return known;
    this.#day = ruleChanged(usedBy(this.#day, now));
    this.#rules.delete(id);
    this.#deletedRules.add(id);
    return ok(null);
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
    this.#account = grant(this.#account, amount);
    this.#note(key, amount, reason, now);
  }

  #note(key: string, amount: number, reason: string, now: number): void {
    this.#granted.add(key);
    const id = `grant:${this.userId}:${key}`;
    this.#receipts.push({ id, type: 'grant', amount, ref: reason, createdAt: new Date(now) });
  }
}

const contentOf = ({ name, presetId, concepts, protect }: RuleDraft) => [name, presetId, concepts, protect];

/**
 * UserLimiterDO: one per user. Owns credits, job slots, rules and the session epoch; D1 is their projection.
 *
 * A transaction shell: load, decide (domain/ledger.ts), save in one transaction, then act. What D1 has to hear of stands in
 * an outbox that is tried at once and again by the alarm. Holds are freed by their job only: when a hold's check time comes,
 * the job is asked whether it lives.
 */
import { DurableObject } from 'cloudflare:workers';
import type { ConceptMap } from '../../contract/concepts.ts';
import type { Rule } from '../../contract/rules.ts';
import type { Me, PlanId } from '../../contract/user.ts';
import {
  admission,
  grant,
  type Hold,
  newAccount,
  type Reserve,
  reserve,
  type Settle,
  settle,
} from '../../domain/ledger.ts';
import { limitsOf, PLANS } from '../../domain/plans.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { backoffMs } from '../../domain/retry.ts';
import { takeRuleSlot } from '../../domain/rule-slots.ts';
import { type Env, type Settings, settingsOf } from '../../env.ts';
import { log, reasonOf } from '../../log.ts';
import { withTimeLimit } from '../../time-limit.ts';
import { NextAlarm } from '../next-alarm.ts';
import { Projection } from './projection.ts';
import type { StoredRule } from './rule-store.ts';
import { type JobEntry, type User, UserStore } from './store.ts';

export type RuleDraft = { name: string; preset: Rule['presetId']; concepts: ConceptMap; protect: string[] };
export type SettleReply = { credits: number; version: number };

export class UserLimiterDO extends DurableObject<Env> {
  readonly #store: UserStore;
  readonly #alarm: NextAlarm;
  readonly #projection: Projection;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new UserStore(ctx.storage.sql);
    this.#alarm = new NextAlarm(ctx);
    this.#projection = new Projection(ctx, env, this.#store, this.#alarm);
  }

  /**
   * Opens the account, or finds it opened by the same call before. A repeat long after that is refused: the key that
   * names the account is no credential for ever.
   */
  async signUp(userId: string, deviceHash: string | null): Promise<Result<{ createdAt: number }>> {
    const now = Date.now();
    const settings = this.#settings();
    const known = this.#store.user();
    if (known !== null) {
      if (now - known.createdAt <= settings.numbers.SIGNUP_REPEAT_MS) return ok({ createdAt: known.createdAt });
      return refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used for a sign-up long ago', {
        field: 'idempotencyKey',
      });
    }
    this.ctx.storage.transactionSync(() => {
      this.#store.createSchema();
      const plan: PlanId = 'free';
      const account = grant(newAccount(plan), PLANS[plan].credits);
      this.#store.insertUser({ userId, account, deviceHash, createdAt: now, sessionEpoch: 0, live: [], recent: [] });
      this.#store.insertGrant({ key: `plan:${plan}`, amount: PLANS[plan].credits, reason: 'sign-up', createdAt: now });
      this.#store.enqueue('user', userId);
      this.#store.enqueue('grant', `plan:${plan}`);
    });
    await this.#projection.flush();
    return ok({ createdAt: now });
  }

  /** Tokens issued before this moment are void; null when there is no account. */
  sessionEpoch(): number | null {
    return this.#store.user()?.sessionEpoch ?? null;
  }

  /** Voids every token issued before now; returns the moment from which on tokens are good. */
  revokeSessions(): number {
    const epoch = Date.now();
    this.#store.saveSessionEpoch(epoch);
    return epoch;
  }

  me(): Me | null {
    const user = this.#store.user();
    if (user === null) return null;
    const { plan, balance, held, spent, granted } = user.account;
    return {
      userId: user.userId,
      plan,
      credits: { balance, held, spent, granted },
      activeJobs: user.live.length,
      ruleSlots: { used: this.#store.rules.list().length, max: PLANS[plan].ruleSlots },
      limits: limitsOf(plan),
    };
  }

  /** Whether a job of that many photos would be admitted now. */
  admit(photos: number): Result<null> & { balance: number } {
    const { account, live } = this.#user();
    return { ...admission(account, idsOf(live), photos), balance: account.balance };
  }

  /** Sets credits aside for a job that is about to be created, and takes one of the plan's job slots. */
  async reserve(command: Omit<Reserve, 'checkAt'>): Promise<Result<{ settled: boolean }>> {
    const now = Date.now();
    const checkAt = now + this.#settings().numbers.HOLD_CHECK_MS;
    const user = this.#user();
    const known = this.#hold(user, command.jobId);
    const decision = reserve(user.account, idsOf(user.live), known, { ...command, checkAt }, now);
    if (!decision.ok) return decision;
    const { account, hold, changed } = decision.value;
    if (changed) {
      this.#store.saveAccount(account, { live: [...user.live, hold], recent: user.recent });
      await this.#alarm.atLatest(checkAt);
    }
    return ok({ settled: hold.settledAt !== null });
  }

  /** Charges a job that has ended, returns the rest and frees its slot. Once, whoever asks how often. */
  settle(command: Settle): Result<SettleReply> {
    const user = this.#user();
    const hold = this.#hold(user, command.jobId);
    if (hold === null) return refuse('JOB_NOT_FOUND', 'no credits are held for that job', null);
    const decision = settle(user.account, hold, command, Date.now());
    if (!decision.ok) return decision;
    const { account, hold: settled, changed } = decision.value;
    if (changed) this.ctx.storage.transactionSync(() => this.#store.saveSettled(user, account, settled));
    return ok({ credits: account.granted - account.spent, version: account.version });
  }

  /** The job could not be created after all: asks it at once what otherwise waits for the check time. */
  async recheck(jobId: string): Promise<void> {
    this.#postpone(jobId, 0);
    await this.#checkHolds();
  }

  /** What settled jobs were charged, a page in the order of their ids; for reconciliation. */
  charges(after: string, limit: number): { jobId: string; charged: number }[] {
    return this.#store.receipts(after, limit).map(({ jobId, charged }) => ({ jobId, charged: charged ?? 0 }));
  }

  /** Live jobs, and those that ended last. */
  jobs(): JobEntry[] {
    const { live, recent } = this.#user();
    return [...live.map(({ jobId, createdAt }) => ({ jobId, createdAt })), ...recent];
  }

  async createRule(id: string, draft: RuleDraft): Promise<Result<Rule>> {
    const { account } = this.#user();
    const slot = takeRuleSlot(account.plan, this.#store.rules.list().length);
    if (!slot.ok) return slot;
    const now = Date.now();
    const rule = { ...draft, id, createdAt: now, updatedAt: now, deletedAt: null, version: 1 };
    await this.#saveRule(rule);
    return ok(ruleView(rule));
  }

  listRules(): Rule[] {
    this.#user();
    return this.#store.rules.list().map(ruleView);
  }

  getRule(id: string): Result<Rule> {
    this.#user();
    const rule = this.#store.rules.find(id);
    return rule === null ? ruleNotFound() : ok(ruleView(rule));
  }

  async updateRule(id: string, change: Partial<Omit<RuleDraft, 'preset'>>): Promise<Result<Rule>> {
    this.#user();
    const rule = this.#store.rules.find(id);
    if (rule === null) return ruleNotFound();
    const changed = { ...rule, ...change, updatedAt: Date.now(), version: rule.version + 1 };
    await this.#saveRule(changed);
    return ok(ruleView(changed));
  }

  async deleteRule(id: string): Promise<Result<null>> {
    this.#user();
    const rule = this.#store.rules.find(id);
    if (rule === null) return ruleNotFound();
    const now = Date.now();
    await this.#saveRule({ ...rule, updatedAt: now, deletedAt: now, version: rule.version + 1 });
    return ok(null);
  }

  /** Changes the plan at once. The plan's own credits come with the first time it is entered. */
  async setPlan(plan: PlanId): Promise<Result<Me>> {
    const user = this.#store.user();
    if (user === null) return userNotFound();
    const key = `plan:${plan}`;
    this.ctx.storage.transactionSync(() => {
      const account = { ...user.account, plan, version: user.account.version + 1 };
      this.#grantOnce(user, account, key, PLANS[plan].credits, `plan ${plan}`);
    });
    await this.#projection.flush();
    return this.#view();
  }

  /** Grants credits once per key; the same key with another amount is refused. */
  async grantCredits(key: string, amount: number, reason: string): Promise<Result<Me>> {
    const user = this.#store.user();
    if (user === null) return userNotFound();
    const given = this.#store.grant(`admin:${key}`);
    if (given !== null && given.amount !== amount) {
      return refuse('IDEMPOTENCY_CONFLICT', `idempotencyKey: granted ${given.amount} before`, {
        field: 'idempotencyKey',
      });
    }
    this.ctx.storage.transactionSync(() => this.#grantOnce(user, user.account, `admin:${key}`, amount, reason));
    await this.#projection.flush();
    return this.#view();
  }

  /** Writes everything to D1 again; for reconciliation. */
  async project(): Promise<void> {
    const user = this.#user();
    this.ctx.storage.transactionSync(() => {
      this.#store.saveAccount({ ...user.account, version: user.account.version + 1 }, user);
      this.#store.enqueue('user', user.userId);
      for (const { key } of this.#store.grants()) this.#store.enqueue('grant', key);
      for (const { id } of this.#store.rules.list()) this.#store.enqueue('rule', id);
    });
    await this.#projection.flush();
  }

  override async alarm(): Promise<void> {
    this.#alarm.fired();
    // Never throw out of an alarm: the platform gives up on one that does.
    try {
      await this.#checkHolds();
      await this.#projection.flush();
    } catch (error) {
      log('error', 'user.alarm.failed', { userId: this.#store.user()?.userId, reason: reasonOf(error) });
      await this.#alarm.atLatest(Date.now() + backoffMs(3, Math.random()));
    }
    await this.#armForHolds();
  }

  /** Asks jobs whose check time has come whether they live. One that never came to be leaves a tombstone and frees its hold. */
  async #checkHolds(): Promise<void> {
    const settings = this.#settings();
    const due = this.#user().live.filter(({ checkAt }) => checkAt !== null && checkAt <= Date.now());
    for (const { jobId } of due) {
      let lives: boolean;
      try {
        const job = this.env.JOB_COORDINATOR.get(this.env.JOB_COORDINATOR.idFromString(jobId));
        lives = (await withTimeLimit(settings.numbers.EFFECT_TIMEOUT_MS, 'abandon', job.abandon())).lives;
      } catch (error) {
        log('warn', 'hold.check.failed', { jobId, reason: reasonOf(error) });
        this.#postpone(jobId, backoffMs(3, Math.random()));
        continue;
      }
      if (lives) this.#postpone(jobId, settings.job.createdMs);
      else {
        log('warn', 'hold.abandoned', { jobId });
        this.settle({ jobId, charged: 0, outcome: { status: 'canceled', done: 0, failed: 0 } });
      }
    }
  }

  /** Loads the holds again: the job may have settled its own while it was asked. */
  #postpone(jobId: string, ms: number): void {
    const { live } = this.#user();
    const checkAt = Date.now() + ms;
    if (!idsOf(live).includes(jobId)) return;
    this.#store.saveLive(live.map((hold) => (hold.jobId === jobId ? { ...hold, checkAt } : hold)));
  }

  async #armForHolds(): Promise<void> {
    const times = (this.#store.user()?.live ?? []).flatMap(({ checkAt }) => checkAt ?? []);
    if (times.length > 0) await this.#alarm.atLatest(Math.min(...times));
  }

  #grantOnce(user: User, account: User['account'], key: string, amount: number, reason: string): void {
    if (this.#store.grant(key) === null && amount > 0) {
      this.#store.saveAccount(grant(account, amount), user);
      this.#store.insertGrant({ key, amount, reason, createdAt: Date.now() });
      this.#store.enqueue('grant', key);
    } else this.#store.saveAccount(account, user);
    this.#store.enqueue('user', user.userId);
  }

  async #saveRule(rule: StoredRule): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      this.#store.rules.save(rule);
      this.#store.enqueue('rule', rule.id);
    });
    await this.#projection.flush();
  }

  /** The job's hold, live or settled. */
  #hold(user: User, jobId: string): Hold | null {
    return user.live.find((hold) => hold.jobId === jobId) ?? this.#store.receipt(jobId);
  }

  #view(): Result<Me> {
    const me = this.me();
    return me === null ? userNotFound() : ok(me);
  }

  /** Only signed-up users have a token, so an object without an account is a bug, not bad input. */
  #user(): User {
    const user = this.#store.user();
    if (user === null) throw new Error('this object has no account');
    return user;
  }

  #settings(): Settings {
    return settingsOf(this.env);
  }
}

const idsOf = (holds: Hold[]): string[] => holds.map(({ jobId }) => jobId);

function ruleView({ id, name, preset, concepts, protect, createdAt, updatedAt }: StoredRule): Rule {
  return {
    id,
    name,
    presetId: preset,
    concepts,
    protect,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  };
}

const ruleNotFound = () => refuse('RULE_NOT_FOUND', 'no such rule', null);
const userNotFound = () => refuse('NOT_FOUND', 'no such user', null);

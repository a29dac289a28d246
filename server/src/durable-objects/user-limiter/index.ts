/**
 * UserLimiterDO: one per user. Owns credits, job slots, rules and the session epoch; D1 is their projection. One more, which is
 * no user's, keeps what all share (ceilings.ts).
 *
 * A transaction shell: load, decide (domain/), save in one transaction, then act. What D1 has to hear of stands in an outbox that
 * the alarm works off (projection.ts).
 */
import { DurableObject } from 'cloudflare:workers';
import type { UserExport } from '../../contract/export.ts';
import type { Rule } from '../../contract/rules.ts';
import type { Me, PlanId } from '../../contract/user.ts';
import { admission, grant, newAccount, type Reserve, type Settle, takingSlots } from '../../domain/ledger.ts';
import { limitsOf, PLANS } from '../../domain/plans.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { backoffMs } from '../../domain/retry.ts';
import { type Env, type Settings, settingsOf } from '../../env.ts';
import { failure, log } from '../../log.ts';
import { withTimeLimit } from '../../time-limit.ts';
import { NextAlarm } from '../next-alarm.ts';
import { Ceilings, ceilingsOf, type DispatchClaim, type SignUpClaim } from './ceilings.ts';
import { Erasure } from './erasure.ts';
import { Holds, type SettleReply } from './holds.ts';
import { Projection } from './projection.ts';
import { Revocation } from './revocation.ts';
import { type RuleChange, type RuleDraft, Rules } from './rules.ts';
import { type JobEntry, type User, UserStore } from './store.ts';

/** On whose behalf a change is made: the token was issued at that moment, milliseconds since the Unix epoch. */
export type Session = { issuedAt: number };
/** The plan that every account begins with. */
const SIGN_UP_PLAN: PlanId = 'free';
/** No token is issued after this moment. */
const NEVER = Number.MAX_SAFE_INTEGER;

export class UserLimiterDO extends DurableObject<Env> {
  readonly #store: UserStore;
  readonly #alarm: NextAlarm;
  readonly #projection: Projection;
  readonly #holds: Holds;
  readonly #revocation: Revocation;
  readonly #rules: Rules;
  readonly #ceilings: Ceilings;
  readonly #erasure: Erasure;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new UserStore(ctx.storage);
    this.#alarm = new NextAlarm(ctx, this.#store.isNew);
    this.#projection = new Projection(env, this.#store, this.#alarm);
    this.#holds = new Holds(env, this.#store, this.#alarm);
    this.#revocation = new Revocation(env, this.#store, this.#alarm);
    this.#rules = new Rules(this.#store, () => this.#projection.soon());
    this.#ceilings = new Ceilings(ctx.storage);
    this.#erasure = new Erasure(ctx, env, this.#store, this.#alarm);
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
      if (known.more.erasing === undefined && now - known.createdAt <= settings.numbers.SIGNUP_REPEAT_MS)
        return ok({ createdAt: known.createdAt });
      return refuse('IDEMPOTENCY_CONFLICT', 'idempotencyKey: was used for a sign-up long ago', {
        field: 'idempotencyKey',
      });
    }
    const credits = await this.#freeCredits(userId, deviceHash);
    if (!credits.ok) return credits;
    // The same call may have opened it while the ceilings were asked.
    const opened = this.#store.user();
    if (opened !== null) return ok({ createdAt: opened.createdAt });
    this.#open(userId, deviceHash, credits.value, now);
    return ok({ createdAt: now });
  }

  #open(userId: string, deviceHash: string | null, credits: number, now: number): void {
    const plan = SIGN_UP_PLAN;
    const key = `plan:${plan}`;
    this.#store.transaction(() => {
      const account = grant(newAccount(plan), credits);
      this.#store.insertUser({
        userId,
        account,
        deviceHash,
        createdAt: now,
        sessionEpoch: 0,
        live: [],
        recent: [],
        more: {},
      });
      this.#store.enqueue('user', userId);
      if (credits === 0) return;
      this.#store.insertGrant({ key, amount: credits, reason: 'sign-up', createdAt: now });
      this.#store.enqueue('grant', key);
    });
    this.#projection.soon();
  }

  /** What the new account begins with. Asked before anything is written here; the same user's claim is counted once. */
  async #freeCredits(userId: string, deviceHash: string | null): Promise<Result<number>> {
    const claim = { userId, deviceHash, credits: PLANS[SIGN_UP_PLAN].credits };
    const limit = this.#settings().numbers.EFFECT_TIMEOUT_MS;
    try {
      return ok(await withTimeLimit(limit, 'ceilings', ceilingsOf(this.env).claimSignUp(claim)));
    } catch (error) {
      log('error', 'ceilings.failed', { userId, ...failure(error) });
      return refuse('SERVICE_UNAVAILABLE', 'sign-ups are not possible now, try again', { settings: [] });
    }
  }

  /** Asked of the one object that keeps the ceilings: the credits that a new account begins with. */
  claimSignUp(claim: SignUpClaim): number {
    return this.#ceilings.signUp(claim, this.#settings().numbers.SIGNUP_DAILY_CREDITS, Date.now());
  }

  /** Asked of the same object: whether a job's photos may be sent to the GPU today. */
  claimDispatch(claim: DispatchClaim): boolean {
    return this.#ceilings.dispatch(claim, this.#settings().numbers.GPU_DAILY_PHOTOS, Date.now());
  }

  /** Tokens issued before this moment are void; null when there is no account. */
  sessionEpoch(): number | null {
    const user = this.#store.user();
    return user?.more.erasing === undefined ? (user?.sessionEpoch ?? null) : NEVER;
  }

  /**
   * Deletes the user with everything he has. Asked again, by whatever token or operator, it answers how far that is.
   * @returns when the last of it is gone, as far as is known (milliseconds since the Unix epoch)
   */
  async erase(session: Session | null): Promise<Result<{ goneBy: number; done: boolean }>> {
    const user = this.#store.user();
    if (user === null) return session === null ? userNotFound() : ok({ goneBy: Date.now(), done: true });
    if (user.more.erasing === undefined) {
      const admitted = this.#admitted(session);
      if (!admitted.ok) return admitted;
      this.#erasure.begin(user);
    }
    try {
      await this.#erasure.work();
    } catch (error) {
      // It is committed: the alarm goes on.
      log('warn', 'user.erase.failed', { userId: user.userId, ...failure(error) });
    }
    await this.#armErasure();
    const erasing = this.#store.user()?.more.erasing;
    if (erasing === undefined) return ok({ goneBy: Date.now(), done: true });
    return ok({ goneBy: this.#erasure.goneBy(erasing), done: erasing.done });
  }

  async #armErasure(): Promise<void> {
    const due = this.#erasure.dueAt();
    if (due !== null) await this.#alarm.atLatest(due);
  }

  /** Voids every token issued up to now, and ends what is watched with one; returns the moment from which on tokens are good. */
  revokeSessions(): Promise<number> {
    return this.#revocation.revoke();
  }

  me(): Me | null {
    const user = this.#user();
    if (user === null) return null;
    const { plan, balance, held, spent, granted } = user.account;
    return {
      userId: user.userId,
      plan,
      credits: { balance, held, spent, granted },
      activeJobs: takingSlots(user.live).length,
      ruleSlots: { used: this.#store.rules.list().length, max: PLANS[plan].ruleSlots },
      limits: limitsOf(plan),
    };
  }

  /** The account with its rules, for the user's export. */
  exported(): Pick<UserExport, 'user' | 'rules'> {
    const me = this.me();
    const user = this.#user();
    if (me === null || user === null) return { user: null, rules: [] };
    const { userId, plan, credits } = me;
    const createdAt = new Date(user.createdAt);
    return { user: { userId, plan, credits, createdAt, deviceHash: user.deviceHash }, rules: this.#rules.list() };
  }

  /** Whether a job of that many photos would be admitted now. */
  admit(photos: number): Result<null> & { balance: number } {
    const { account, live } = this.#store.theUser();
    return { ...admission(account, takingSlots(live), photos), balance: account.balance };
  }

  /** Sets credits aside for a job that is about to be created, and takes one of the plan's job slots. */
  async reserve(session: Session | null, command: Omit<Reserve, 'checkAt'>): Promise<Result<{ settled: boolean }>> {
    const admitted = this.#admitted(session);
    return admitted.ok ? this.#holds.reserve(admitted.value, command) : admitted;
  }

  /** Charges a job that has ended, returns the rest and frees its slot. Once, whoever asks how often. */
  settle(command: Settle): Result<SettleReply> {
    return this.#holds.settle(command);
  }

  /** The job has ended, but what it costs cannot be counted yet: its slot is free, and its credits stay held until it settles. */
  freeSlot(jobId: string): void {
    this.#holds.freeSlot(jobId);
  }

  /** The job could not be created after all: asks it at once what otherwise waits for the check time. */
  recheck(jobId: string): Promise<void> {
    return this.#holds.recheck(jobId);
  }

  /** What settled jobs were charged, a page in the order of their ids; for reconciliation. */
  charges(after: string, limit: number): { jobId: string; charged: number }[] {
    return this.#store.receipts(after, limit).map(({ jobId, charged }) => ({ jobId, charged: charged ?? 0 }));
  }

  /** Live jobs, and those that ended last. */
  jobs(): JobEntry[] {
    const { live, recent } = this.#store.theUser();
    return [...live.map(({ jobId, createdAt }) => ({ jobId, createdAt })), ...recent];
  }

  createRule(session: Session | null, id: string, draft: RuleDraft): Result<Rule> {
    const admitted = this.#admitted(session);
    return admitted.ok ? this.#rules.create(admitted.value.account.plan, id, draft) : admitted;
  }

  listRules(): Rule[] {
    this.#store.theUser();
    return this.#rules.list();
  }

  getRule(id: string): Result<Rule> {
    this.#store.theUser();
    return this.#rules.get(id);
  }

  updateRule(session: Session | null, id: string, change: RuleChange): Result<Rule> {
    const admitted = this.#admitted(session);
    return admitted.ok ? this.#rules.update(id, change) : admitted;
  }

  deleteRule(session: Session | null, id: string): Result<null> {
    const admitted = this.#admitted(session);
    return admitted.ok ? this.#rules.delete(id) : admitted;
  }

  /** Changes the plan at once. The plan's own credits come with the first time it is entered: that of sign-up with the sign-up alone. */
  async setPlan(plan: PlanId): Promise<Result<Me>> {
    const user = this.#user();
    if (user === null) return userNotFound();
    const key = `plan:${plan}`;
    this.#store.transaction(() => {
      const account = { ...user.account, plan, version: user.account.version + 1 };
      const credits = plan === SIGN_UP_PLAN ? 0 : PLANS[plan].credits;
      this.#grantOnce(user, account, key, credits, `plan ${plan}`);
    });
    await this.#projection.now();
    return this.#view();
  }

  /** Grants credits once per key; the same key with another amount is refused. */
  async grantCredits(key: string, amount: number, reason: string): Promise<Result<Me>> {
    const user = this.#user();
    if (user === null) return userNotFound();
    const given = this.#store.grant(`admin:${key}`);
    if (given !== null && given.amount !== amount) {
      return refuse('IDEMPOTENCY_CONFLICT', `idempotencyKey: granted ${given.amount} before`, {
        field: 'idempotencyKey',
      });
    }
    this.#store.transaction(() => this.#grantOnce(user, user.account, `admin:${key}`, amount, reason));
    await this.#projection.now();
    return this.#view();
  }

  /** Has D1 hear now of what changed a moment ago; for those who are about to read it there. */
  async tellD1(): Promise<void> {
    await this.#projection.work();
  }

  /** Writes everything to D1 again; for reconciliation. */
  async project(): Promise<void> {
    const user = this.#user();
    if (user === null) return;
    this.#store.transaction(() => {
      this.#store.saveAccount({ ...user.account, version: user.account.version + 1 }, user);
      this.#store.enqueue('user', user.userId);
      for (const { key } of this.#store.grants()) this.#store.enqueue('grant', key);
      for (const { id } of this.#store.rules.list()) this.#store.enqueue('rule', id);
    });
    await this.#projection.now();
  }

  override async alarm(): Promise<void> {
    this.#alarm.gone();
    // Never throw out of an alarm: the platform gives up on one that does.
    try {
      await this.#projection.work();
      await this.#revocation.work();
      if (this.#user() === null) await this.#erasure.work();
      else await this.#holds.check();
    } catch (error) {
      log('error', 'user.alarm.failed', { userId: this.#store.user()?.userId, ...failure(error) });
      await this.#alarm.atLatest(Date.now() + backoffMs(3, Math.random()));
    }
    await this.#revocation.arm();
    if (this.#user() === null) await this.#armErasure();
    else await this.#holds.arm();
  }

  #grantOnce(user: User, account: User['account'], key: string, amount: number, reason: string): void {
    if (this.#store.grant(key) === null && amount > 0) {
      this.#store.saveAccount(grant(account, amount), user);
      this.#store.insertGrant({ key, amount, reason, createdAt: Date.now() });
      this.#store.enqueue('grant', key);
    } else this.#store.saveAccount(account, user);
    this.#store.enqueue('user', user.userId);
  }

  #view(): Result<Me> {
    const me = this.me();
    return me === null ? userNotFound() : ok(me);
  }

  /** The account, unless a revocation has ended the session. @param session null when an operator asks */
  #admitted(session: Session | null): Result<User> {
    const user = this.#user();
    if (user === null || (session !== null && session.issuedAt < user.sessionEpoch)) return sessionEnded();
    return ok(user);
  }

  /** The account, unless it is being deleted. */
  #user(): User | null {
    const user = this.#store.user();
    return user?.more.erasing === undefined ? user : null;
  }

  #settings(): Settings {
    return settingsOf(this.env);
  }
}

const sessionEnded = () => refuse('TOKEN_INVALID', 'the token is not valid', null);
const userNotFound = () => refuse('NOT_FOUND', 'no such user', null);

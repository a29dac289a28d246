/**
 * UserLimiterDO: one per user. Owns credits, job slots, rules and the session epoch; D1 is their projection. One more, which is
 * no user's, keeps what all share (ceilings.ts).
 *
 * A transaction shell: load, decide (domain/), save in one transaction, then act. What D1 has to hear of stands in an outbox that
 * the alarm works off (projection.ts).
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../../bindings.ts';
import type { UserExport } from '../../contract/export.ts';
import type { Rule } from '../../contract/rules.ts';
import type { Me, PlanId } from '../../contract/user.ts';
import type { Lowering } from '../../domain/allowance.ts';
import { admission, grant, openedWith, type Reserve, type Settle, takingSlots } from '../../domain/ledger.ts';
import { meOf, meToCome } from '../../domain/me.ts';
import { PLANS, SIGN_UP_PLAN } from '../../domain/plans.ts';
import { ok, type Refused, type Result, refuse } from '../../domain/result.ts';
import { isMintedUserId, type SignUp, usedLongAgo } from '../../domain/sign-up.ts';
import { failure, log } from '../../log.ts';
import { type Settings, settingsOf } from '../../settings/settings.ts';
import { NextAlarm } from '../next-alarm.ts';
import { DayAllowance } from './allowance.ts';
import { Ceilings, type DispatchClaim, type SignUpClaim } from './ceilings.ts';
import { Erasure } from './erasure.ts';
import { Holds, type SettleReply } from './holds.ts';
import { Opening } from './opening.ts';
import { Projection } from './projection.ts';
import { Revocation } from './revocation.ts';
import { type RuleChange, type RuleDraft, Rules, ruleNotFound } from './rules.ts';
import { type JobEntry, type User, UserStore } from './store.ts';

/**
 * On whose behalf a change is made, and what the first one opens the account with. `issuedAt`: when the token was issued, milliseconds
 * since the Unix epoch.
 */
export type Session = SignUp & { issuedAt: number };
/** A user as reconciliation compares him; `next` is where the following page begins, null when there is none. */
export type Review = {
  me: Me | null;
  isErasing: boolean;
  jobs: { jobId: string; charged: number; settledAt: number }[];
  next: string | null;
};
/** After every job id: they are hexadecimal. */
const LAST = 'g';
const DAY_MS = 86_400_000;
/** No token is issued after this moment. */
const NEVER = Number.MAX_SAFE_INTEGER;

export class UserLimiterDO extends DurableObject<Env> {
  readonly #store: UserStore;
  readonly #alarm: NextAlarm;
  readonly #projection: Projection;
  readonly #allowance: DayAllowance;
  readonly #holds: Holds;
  readonly #revocation: Revocation;
  readonly #rules: Rules;
  readonly #ceilings: Ceilings;
  readonly #erasure: Erasure;
  readonly #opening: Opening;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new UserStore(ctx.storage);
    this.#alarm = new NextAlarm(ctx, this.#store.isNew, () => [
      ...this.#projection.dueTimes(),
      ...this.#revocation.dueTimes(),
      ...this.#allowance.dueTimes(),
      ...(this.#isErasing() ? this.#erasure : this.#holds).dueTimes(),
    ]);
    this.#projection = new Projection(env, this.#store, this.#alarm);
    this.#allowance = new DayAllowance(env, this.#store, this.#alarm);
    this.#holds = new Holds(env, this.#store, this.#alarm, this.#allowance);
    this.#revocation = new Revocation(env, this.#store, this.#alarm, this.#allowance);
    this.#rules = new Rules(this.#store, this.#allowance, () => this.#projection.soon());
    this.#ceilings = new Ceilings(ctx.storage);
    this.#erasure = new Erasure(ctx, env, this.#store, this.#alarm);
    this.#opening = new Opening(env, this.#store, () => this.#projection.soon());
  }

  /**
   * Opens the account at once, for a key that does not tell its age, or finds it opened by the same call before. A repeat long after
   * that is refused: the key that names the account is no credential for ever.
   */
  async signUp(signUp: SignUp): Promise<Result<null>> {
    const known = this.#store.user();
    if (known === null) return this.#opening.once(signUp);
    const repeated = Date.now() - known.createdAt <= this.#settings().numbers.SIGNUP_REPEAT_MS;
    return repeated && known.more.erasing === undefined ? ok(null) : usedLongAgo();
  }

  /** Asked of the one object that keeps the ceilings: the credits that a new account begins with. */
  claimSignUp(claim: SignUpClaim): number {
    const { SIGNUP_DAILY_CREDITS: credits, SIGNUP_ADDRESS_DAILY_CREDITS: addressCredits } = this.#settings().numbers;
    return this.#ceilings.signUp(claim, { credits, addressCredits }, Date.now());
  }

  /** Asked of the same object: whether a job's photos may be sent to the GPU today. */
  claimDispatch(claim: DispatchClaim): boolean {
    return this.#ceilings.dispatch(claim, this.#settings().numbers.GPU_DAILY_PHOTOS, Date.now());
  }

  /** Told to the same object: what of claims never reached the GPU. */
  lowerDispatch(owed: Lowering[]): void {
    this.#ceilings.lower(owed);
  }

  /** Whether a job's photos may be sent to the GPU today, by the account's own allowance and by the ceiling for all. */
  async claimPhotos(claim: { jobId: string; photos: number }): Promise<Result<null>> {
    return this.#allowance.claim(claim);
  }

  /** Tokens issued before this moment are void: none, while nobody has ended any. */
  sessionEpoch(): number {
    this.#alarm.look();
    const user = this.#store.user();
    return user?.more.erasing === undefined ? (user?.sessionEpoch ?? 0) : NEVER;
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
    await this.#alarm.restore();
    const erasing = this.#store.user()?.more.erasing;
    if (erasing === undefined) return ok({ goneBy: Date.now(), done: true });
    return ok({ goneBy: this.#erasure.goneBy(erasing), done: erasing.done });
  }

  /**
   * Voids every token issued up to now, and ends what is watched with one; returns the moment from which on tokens are good. The same key
   * again answers the same, to a session that it has ended as well.
   */
  async revokeSessions(session: Session, key: string | null = null): Promise<Result<number>> {
    const opened = await this.#opening.once(session);
    if (!opened.ok) return opened;
    const user = this.#user();
    if (user === null) return sessionEnded();
    if (session.issuedAt >= user.sessionEpoch) return this.#revocation.revoke(user, key);
    return this.#revocation.isRepeat(user, session.issuedAt, key) ? ok(user.sessionEpoch) : sessionEnded();
  }

  /** What the user is told of his account, open or not; null when it was deleted. */
  meOf(userId: string): Me | null {
    return this.#store.user() === null ? meToCome(userId) : this.me();
  }

  /** Null while the account is not open, and when it was deleted. */
  me(): Me | null {
    const user = this.#user();
    if (user === null) return null;
    const used = { activeJobs: takingSlots(user.live).length, rules: this.#store.rules.list().length };
    return meOf(user.userId, user.account, used);
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

  /** Whether a job of that many photos would be admitted now, or why not. One of the hour's queries, once there is an account. */
  admit(photos: number): Result<{ balance: number; refused: Refused | null }> {
    const user = this.#store.user();
    const counted = user === null ? ok(null) : this.#allowance.query(user);
    if (!counted.ok) return counted;
    const { account, live } = user ?? { account: openedWith(), live: [] };
    const admitted = admission(account, takingSlots(live), photos);
    const taken = admitted.ok && user !== null ? this.#allowance.jobCreated(user) : admitted;
    return ok({ balance: account.balance, refused: taken.ok ? null : taken });
  }

  /** Sets credits aside for a job that is about to be created, and takes one of the plan's job slots. */
  async reserve(session: Session | null, command: Omit<Reserve, 'checkAt'>): Promise<Result<{ settled: boolean }>> {
    // A job that no new account could have opens none.
    const possible = this.#store.user() === null ? admission(openedWith(), [], command.amount) : ok(null);
    const opened = possible.ok ? await this.#opened(session) : possible;
    if (!opened.ok) return opened;
    const admitted = this.#admitted(session);
    return admitted.ok ? this.#holds.reserve(admitted.value, command, session !== null) : admitted;
  }

  /** Charges a job that has ended, returns the rest and frees its slot. Once, whoever asks how often. */
  settle(command: Settle): Result<SettleReply> {
    this.#alarm.look();
    return this.#holds.settle(command);
  }

  /** The job has ended, but what it costs cannot be counted yet: its slot is free, and its credits stay held until it settles. */
  freeSlot(jobId: string): void {
    this.#holds.freeSlot(jobId);
  }

  /** Of a job that has settled while the provider had yet to answer: it refused, and so many photos reached it. */
  unsent(jobId: string, sent: number): void {
    this.#alarm.look();
    this.#allowance.unsent(jobId, sent);
  }

  /** The job could not be created after all: asks it at once what otherwise waits for the check time. */
  recheck(jobId: string): Promise<void> {
    return this.#holds.recheck(jobId);
  }

  /**
   * For reconciliation: has D1 told what changed a moment ago, and shows the account and a page of the jobs that were settled, in the order
   * of their ids, without those that are known to be gone. That it is asked wakes the object, which sets an alarm that was lost.
   */
  async review(after: string, limit: number): Promise<Review> {
    this.#alarm.look();
    await this.#projection.work();
    const { kept, next } = this.#store.receiptsOfKept(after, limit);
    this.#forgetReceipts(after, next ?? LAST);
    const jobs = kept.map(({ jobId, charged, settledAt }) => ({
      jobId,
      charged: charged ?? 0,
      settledAt: settledAt ?? 0,
    }));
    return { me: this.me(), isErasing: this.#isErasing(), jobs, next };
  }

  /** D1 has forgotten their history by then, a round of reconciliation included. */
  #forgetReceipts(after: string, upTo: string): void {
    if (this.#user() === null) return;
    const days = 2 * this.#settings().numbers.HISTORY_DAYS;
    this.#store.forgetReceipts(after, upTo, Date.now() - days * DAY_MS);
  }

  /** These settled jobs have deleted their own storage. */
  noteGone(jobIds: string[]): void {
    this.#store.noteGone(jobIds, Date.now());
  }

  /** Live jobs, and those that ended last; null while there is no account. One of the hour's queries, or several. */
  jobs(cost = 1): Result<JobEntry[] | null> {
    const user = this.#store.user();
    if (user === null) return ok(null);
    const counted = this.#allowance.query(user, cost);
    if (!counted.ok) return counted;
    return ok([...user.live.map(({ jobId, createdAt }) => ({ jobId, createdAt })), ...user.recent]);
  }

  /**
   * One of the hour's queries, for whoever is about to read in D1.
   * @param fresh whether D1 first hears of what changed a moment ago @returns whether there is an account, and so anything to read
   */
  async query(fresh: boolean): Promise<Result<boolean>> {
    const user = this.#store.user();
    if (user === null) return ok(false);
    const counted = this.#allowance.query(user);
    if (!counted.ok) return counted;
    if (fresh) await this.#projection.work();
    return ok(true);
  }

  /** The job was deleted: no list shows it any more. Its entry stays, since one says that there are receipts. */
  forgetJob(jobId: string): void {
    const recent = this.#store.user()?.recent ?? [];
    const shown = recent.some((entry) => entry.jobId === jobId && entry.ended !== null);
    if (shown)
      this.#store.saveRecent(recent.map((entry) => (entry.jobId === jobId ? { ...entry, ended: null } : entry)));
  }

  /** Whether that job was this user's, and has ended. */
  hasEnded(jobId: string): boolean {
    return this.#store.user() !== null && this.#store.receipt(jobId) !== null;
  }

  async createRule(session: Session | null, id: string, draft: RuleDraft): Promise<Result<Rule>> {
    const opened = await this.#opened(session);
    if (!opened.ok) return opened;
    const admitted = this.#admitted(session);
    return admitted.ok ? this.#rules.create(admitted.value, id, draft) : admitted;
  }

  listRules(): Rule[] {
    return this.#rules.list();
  }

  getRule(id: string): Result<Rule> {
    return this.#rules.get(id);
  }

  updateRule(session: Session | null, id: string, change: RuleChange): Result<Rule> {
    if (this.#store.user() === null) return ruleNotFound();
    const admitted = this.#admitted(session);
    return admitted.ok ? this.#rules.update(admitted.value, id, change) : admitted;
  }

  deleteRule(session: Session | null, id: string): Result<null> {
    if (this.#store.user() === null) return ruleNotFound();
    const admitted = this.#admitted(session);
    return admitted.ok ? this.#rules.delete(admitted.value, id) : admitted;
  }

  /** Changes the plan at once. The plan's own credits come with the first time it is entered: that of sign-up with the sign-up alone. */
  async setPlan(userId: string, plan: PlanId): Promise<Result<Me>> {
    const opened = await this.#openedByOperator(userId);
    if (!opened.ok) return opened;
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
  async grantCredits(userId: string, key: string, amount: number, reason: string): Promise<Result<Me>> {
    const opened = await this.#openedByOperator(userId);
    if (!opened.ok) return opened;
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
    // Never throw out of an alarm as long as another one can be set: the platform gives up on one that throws.
    const works = [
      () => this.#projection.work(),
      () => this.#revocation.work(),
      () => this.#allowance.work(),
      () => (this.#isErasing() ? this.#erasure.work() : this.#holds.check()),
    ];
    for (const work of works) {
      try {
        await work();
      } catch (error) {
        log('error', 'user.alarm.failed', { object: this.ctx.id.toString(), ...failure(error) });
      }
    }
    await this.#alarm.afterRun();
  }

  #grantOnce(user: User, account: User['account'], key: string, amount: number, reason: string): void {
    if (this.#store.grant(key) === null && amount > 0) {
      this.#store.saveAccount(grant(account, amount), user);
      this.#store.insertGrant({ key, amount, reason, createdAt: Date.now() });
      this.#store.enqueue('grant', key);
    } else this.#store.saveAccount(account, user);
    this.#store.enqueue('user', user.userId);
  }

  /** For a change that opens the account when it is the first one. */
  async #opened(session: Session | null): Promise<Result<null>> {
    return session === null ? ok(null) : this.#opening.once(session);
  }

  /** A payment may come before the first job. Only for an id that a sign-up can have made: others name nobody. */
  async #openedByOperator(userId: string): Promise<Result<null>> {
    if (this.#store.user() !== null) return ok(null);
    if (!isMintedUserId(userId)) return userNotFound();
    return this.#opening.once({ userId, signedUpAt: Date.now(), deviceHash: null, address: null });
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
    this.#alarm.look();
    const user = this.#store.user();
    return user?.more.erasing === undefined ? user : null;
  }

  #isErasing(): boolean {
    return this.#store.user()?.more.erasing !== undefined;
  }

  #settings(): Settings {
    return settingsOf(this.env);
  }
}

const sessionEnded = () => refuse('TOKEN_INVALID', 'the token is not valid', null);
const userNotFound = () => refuse('NOT_FOUND', 'no such user', null);

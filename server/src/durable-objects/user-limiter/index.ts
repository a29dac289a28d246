/**
 * UserLimiterDO: one per user. Owns credits, job slots, rules and the session epoch; D1 is their projection. One more, which is
 * no user's, keeps what all share. Which of the two an object is, its id says (user-role.ts, ceilings.ts).
 *
 * A transaction shell: load, decide (domain/), save in one transaction, then act. What D1 has to hear of stands in an outbox that
 * the alarm works off (projection.ts).
 */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../../bindings.ts';
import type { Adopted } from '../../contract/admin.ts';
import type { ExportPage } from '../../contract/export.ts';
import type { Rule } from '../../contract/rules.ts';
import type { Me, PlanId } from '../../contract/user.ts';
import type { Lowering } from '../../domain/allowance.ts';
import type { DispatchClaim, SignUpClaim } from '../../domain/ceilings.ts';
import type { Reserve, Settle } from '../../domain/ledger.ts';
import type { Refused, Result } from '../../domain/result.ts';
import type { SignUp } from '../../domain/sign-up.ts';
import { settingsOf } from '../../settings/settings.ts';
import type { UserCalls } from './calls.ts';
import { CEILINGS_NAME, Ceilings } from './ceilings.ts';
import type { Review } from './history.ts';
import type { SettleReply } from './holds.ts';
import type { RuleChange, RuleDraft } from './rules.ts';
import type { JobEntry, Session } from './state.ts';
import { CeilingsTables } from './tables/ceilings.ts';
import { UserRole } from './user-role.ts';

export class UserLimiterDO extends DurableObject<Env> implements UserCalls {
  /** The id of the one that keeps the ceilings: every object compares its own with it. */
  static #ceilingsId: string | undefined;
  readonly #role: UserRole | Ceilings;
  #nobody: UserRole | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    UserLimiterDO.#ceilingsId ??= env.USER_LIMITER.idFromName(CEILINGS_NAME).toString();
    const isCeilings = ctx.id.toString() === UserLimiterDO.#ceilingsId;
    this.#role = isCeilings ? ceilingsIn(ctx.storage, env) : new UserRole(ctx, env);
  }

  /** Opens the account at once, or finds it opened by the same call before: see Opening.signUp. */
  async signUp(signUp: SignUp): Promise<Result<null>> {
    return this.#user.opening.signUp(signUp);
  }

  /** Asked of the one object that keeps the ceilings: the credits that a new account begins with. */
  claimSignUp(claim: SignUpClaim): number {
    return this.#ceilings.signUp(claim);
  }

  /** Asked of the same object: whether a job's photos may be sent to the GPU today. */
  claimDispatch(claim: DispatchClaim): boolean {
    return this.#ceilings.dispatch(claim);
  }

  /** Told to the same object: what of claims never reached the GPU. */
  lowerDispatch(owed: Lowering[]): void {
    this.#ceilings.lower(owed);
  }

  /**
   * Whether a job's photos may be sent to the GPU today, by the account's own allowance and by the ceiling for all. SERVICE_UNAVAILABLE
   * while the ceilings cannot be asked: the same call again is counted once.
   */
  async claimPhotos(claim: { jobId: string; photos: number }): Promise<Result<null>> {
    return this.#user.claims.claim(claim);
  }

  /** Tokens issued before this moment are void: none, while nobody has ended any. */
  sessionEpoch(): number {
    return this.#user.access.sessionEpoch();
  }

  /** Deletes the user with everything he has: see Erasure.erase. */
  async erase(session: Session | null): Promise<Result<{ goneBy: number; done: boolean }>> {
    return this.#user.erasure.erase(session);
  }

  /** Voids every token issued up to now: see Revocation.revokeSessions. */
  async revokeSessions(session: Session, key: string | null = null): Promise<Result<number>> {
    return this.#user.revocation.revokeSessions(session, key);
  }

  /** What the user is told of his account, open or not; null when it was deleted. */
  meOf(userId: string): Me | null {
    return this.#user.account.meOf(userId);
  }

  /** Null while the account is not open, and when it was deleted. */
  me(): Me | null {
    return this.#user.account.me();
  }

  /** The account with its rules, for the user's export. */
  exported(): Pick<ExportPage, 'user' | 'rules'> {
    return this.#user.account.exported();
  }

  /** Whether a job of that many photos would be admitted now, or why not. One of the hour's queries, once there is an account. */
  admit(photos: number): Result<{ balance: number; refused: Refused | null }> {
    return this.#user.account.admit(photos);
  }

  /** Sets credits aside for a job that is about to be created, and takes one of the plan's job slots. */
  async reserve(session: Session | null, command: Omit<Reserve, 'checkAt'>): Promise<Result<{ settled: boolean }>> {
    return this.#user.holds.reserve(session, command);
  }

  /** Charges a job that has ended, returns the rest and frees its slot. Once, whoever asks how often. */
  settle(command: Settle): Result<SettleReply> {
    this.#user.alarm.look();
    return this.#user.holds.settle(command);
  }

  /** The job has ended, but what it costs cannot be counted yet: its slot is free, and its credits stay held until it settles. */
  freeSlot(jobId: string): void {
    this.#user.holds.freeSlot(jobId);
  }

  /** Of a job that has settled while the provider had yet to answer: it refused, and so many photos reached it. */
  unsent(jobId: string, sent: number): void {
    this.#user.alarm.look();
    this.#user.claims.unsent(jobId, sent);
  }

  /** The job could not be created after all: asks it at once what otherwise waits for the check time. */
  recheck(jobId: string): Promise<void> {
    return this.#user.holds.recheck(jobId);
  }

  /** For reconciliation: see History.review. That it is asked wakes the object, which sets an alarm that was lost. */
  async review(after: string, limit: number): Promise<Review> {
    this.#user.alarm.look();
    return this.#user.history.review(after, limit);
  }

  /** These settled jobs have deleted their own storage. */
  noteGone(jobIds: string[]): void {
    this.#user.history.noteGone(jobIds);
  }

  /** Live jobs, and those that ended last; null while there is no account. One of the hour's queries, or several. */
  jobs(cost = 1): Result<JobEntry[] | null> {
    return this.#user.history.jobs(cost);
  }

  /** One of the hour's queries, for whoever is about to read in D1: see History.query. */
  async query(fresh: boolean): Promise<Result<boolean>> {
    return this.#user.history.query(fresh);
  }

  /** The job was deleted: no list shows it any more. */
  forgetJob(jobId: string): void {
    this.#user.history.forgetJob(jobId);
  }

  /** Whether that job was this user's, and has ended. */
  hasEnded(jobId: string): boolean {
    return this.#user.history.hasEnded(jobId);
  }

  async createRule(session: Session | null, id: string, draft: RuleDraft): Promise<Result<Rule>> {
    return this.#user.rules.create(session, id, draft);
  }

  listRules(): Rule[] {
    return this.#user.rules.list();
  }

  getRule(id: string): Result<Rule> {
    return this.#user.rules.get(id);
  }

  updateRule(session: Session | null, id: string, change: RuleChange): Result<Rule> {
    return this.#user.rules.update(session, id, change);
  }

  deleteRule(session: Session | null, id: string): Result<null> {
    return this.#user.rules.delete(session, id);
  }

  /** Changes the plan at once, with its credits the first time: see Operator.setPlan. */
  async setPlan(userId: string, plan: PlanId): Promise<Result<Me>> {
    return this.#user.operator.setPlan(userId, plan);
  }

  /** Grants credits once per key; the same key with another amount is refused. */
  async grantCredits(userId: string, key: string, amount: number, reason: string): Promise<Result<Me>> {
    return this.#user.operator.grantCredits(userId, key, amount, reason);
  }

  /** Opens the account of a user of an earlier service, once: see Operator.adopt. */
  async adopt(adopted: Adopted): Promise<Result<Me>> {
    return this.#user.operator.adopt(adopted);
  }

  /** Writes everything to D1 again; for reconciliation. */
  async project(): Promise<void> {
    await this.#user.operator.project();
  }

  override async alarm(): Promise<void> {
    await this.#user.wake();
  }

  /** Under the ceilings' name there is no user: an operator who asks for one all the same finds an account that nobody has opened. */
  get #user(): UserRole {
    if (!(this.#role instanceof Ceilings)) return this.#role;
    this.#nobody ??= new UserRole(this.ctx, this.env);
    return this.#nobody;
  }

  get #ceilings(): Ceilings {
    if (this.#role instanceof Ceilings) return this.#role;
    throw new Error('this object is a user, and keeps no ceilings');
  }
}

function ceilingsIn(storage: DurableObjectStorage, env: Env): Ceilings {
  return new Ceilings({
    now: () => Date.now(),
    limits: () => {
      const { SIGNUP_DAILY_CREDITS, SIGNUP_ADDRESS_DAILY_CREDITS, GPU_DAILY_PHOTOS } = settingsOf(env).numbers;
      return {
        credits: SIGNUP_DAILY_CREDITS,
        addressCredits: SIGNUP_ADDRESS_DAILY_CREDITS,
        photos: GPU_DAILY_PHOTOS,
      };
    },
    kept: new CeilingsTables(storage),
  });
}

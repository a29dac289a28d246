/** One user of the test server: the parts of the server's own account, with memory and the test's clock in place of the platform. */
import type { PlanId } from '../../../server/src/contract/user.ts';
import type { Result } from '../../../server/src/domain/result.ts';
import type { UserOfJob } from '../../../server/src/durable-objects/job-coordinator/ports.ts';
import { methodsOf } from '../../../server/src/durable-objects/methods-of.ts';
import { Access } from '../../../server/src/durable-objects/user-limiter/access.ts';
import { AccountView } from '../../../server/src/durable-objects/user-limiter/account.ts';
import { DayAllowance } from '../../../server/src/durable-objects/user-limiter/allowance.ts';
import { PhotoClaims } from '../../../server/src/durable-objects/user-limiter/claims.ts';
import { Holds } from '../../../server/src/durable-objects/user-limiter/holds.ts';
import { Opening } from '../../../server/src/durable-objects/user-limiter/opening.ts';
import { Operator } from '../../../server/src/durable-objects/user-limiter/operator.ts';
import { Revocation } from '../../../server/src/durable-objects/user-limiter/revocation.ts';
import { Rules } from '../../../server/src/durable-objects/user-limiter/rules.ts';
import type { Session } from '../../../server/src/durable-objects/user-limiter/state.ts';
import { userOnMemory } from './account-store.ts';
import type { Surroundings } from './surroundings.ts';

/** As in production; milliseconds. */
const HOLD_CHECK_MS = 120_000;
const REVOKE_REPEAT_MS = 600_000;
const DAILY_REVOCATIONS = 50;

export class TestAccount {
  readonly userId: string;
  readonly access: Access;
  readonly holds: Holds;
  readonly claims: PhotoClaims;
  readonly opening: Opening;
  readonly operator: Operator;
  readonly revocation: Revocation;
  readonly rules: Rules;
  readonly view: AccountView;
  readonly #allowance: DayAllowance;
  readonly #signedUpAt: number;
  readonly #store = userOnMemory();

  constructor(world: Surroundings, userId: string, now: number) {
    this.userId = userId;
    this.#signedUpAt = now;
    const has = { ...this.#store, ...aroundUser(world) };
    this.#allowance = new DayAllowance(has);
    this.opening = new Opening(has);
    this.access = new Access({ ...has, open: (signUp) => this.opening.once(signUp) });
    // What is owed to the ceiling is told at once: nobody there is away.
    this.claims = new PhotoClaims({ ...has, wakeBy: async () => this.#tellCeilings(world) });
    const ours = { ...has, ...methodsOf(this.access), ...methodsOf(this.#allowance), ...methodsOf(this.claims) };
    this.holds = new Holds(ours);
    this.rules = new Rules(ours);
    this.view = new AccountView({ ...ours, shownRules: () => this.rules.list() });
    const openedFor = (id: string) => this.access.openedByOperator(id);
    this.operator = new Operator({ ...ours, openedFor, tellD1: async () => {}, me: () => this.view.me() });
    this.revocation = new Revocation(ours);
  }

  /** The session that a token stands for. @param issuedAt milliseconds since the Unix epoch */
  session(issuedAt: number): Session {
    return { userId: this.userId, signedUpAt: this.#signedUpAt, deviceHash: null, address: null, issuedAt };
  }

  /** Changes the plan as an operator does, whose change opens the account as well. */
  async setPlan(plan: PlanId): Promise<void> {
    await this.opening.once(this.session(0));
    await this.operator.setPlan(this.userId, plan);
  }

  async grantCredits(key: string, amount: number, reason: string): Promise<void> {
    await this.opening.once(this.session(0));
    await this.operator.grantCredits(this.userId, key, amount, reason);
  }

  /** One of the hour's queries. Those before the first change count as well: a test need not make one. */
  query(): Result<null> {
    return this.#allowance.countQuery(this.#store.user() ?? this.#store.toCome(this.session(0)));
  }

  /** What was granted and charged, newest first. */
  ledger() {
    return this.#store.ledger();
  }

  /** A job that could not be created gives its credits back. */
  release(jobId: string): void {
    const outcome = { status: 'canceled' as const, done: 0, failed: 0 };
    this.holds.settle({ jobId, charged: 0, outcome, sent: 0, ended: null });
  }

  /** As its jobs speak to it. */
  get forJobs(): UserOfJob {
    return {
      settle: async (command) => this.holds.settle(command),
      freeSlot: async (jobId) => this.holds.freeSlot(jobId),
      unsent: async (jobId, sent) => this.claims.unsent(jobId, sent),
      claimPhotos: (claim) => this.claims.claim(claim),
      hasEnded: async (jobId) => this.#store.receipt(jobId) !== null,
      forgetJob: async () => {},
    };
  }

  #tellCeilings({ background }: Surroundings): true {
    background(this.claims.work());
    return true;
  }
}

/** What an account asks of others, and its limits. */
function aroundUser({ clock, settings, ceilings, jobs }: Surroundings) {
  return {
    now: () => clock.now(),
    allowanceOf: (plan: PlanId) => settings.allowances[plan],
    dailyRevocations: () => DAILY_REVOCATIONS,
    addressMark: (address: string) => address,
    claimSignUp: async (claim: Parameters<typeof ceilings.signUp>[0]) => ceilings.signUp(claim),
    claimDispatch: async (claim: Parameters<typeof ceilings.dispatch>[0]) => ceilings.dispatch(claim),
    lowerDispatch: async (owed: Parameters<typeof ceilings.lower>[0]) => ceilings.lower(owed),
    jobLives: async (jobId: string) => jobs.get(jobId)?.inside.abandon().lives ?? false,
    endWatching: async (jobId: string, epoch: number) => jobs.get(jobId)?.inside.endWatching(epoch),
    limits: () => ({
      checkMs: HOLD_CHECK_MS,
      createdMs: settings.createdMs,
      graceMs: settings.effectGraceMs,
      socketMs: settings.watchSocketMs,
      signUpRepeatMs: settings.signupRepeatMs,
      revokeRepeatMs: REVOKE_REPEAT_MS,
    }),
    delayMs: () => 0,
    // There is no D1 to tell, and no hold is ever left without its job.
    tellD1: () => {},
    projectAll: () => {},
    lookAfterAlarm: () => {},
    wakeBy: async () => true,
    restoreAlarm: async () => true,
  };
}

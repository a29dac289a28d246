/**
 * An object that is a user's: its parts, each on the functions that it needs, over what is stored here, the alarm and what is asked of
 * others. The only place of them that knows the platform.
 */
import type { Env } from '../../bindings.ts';
import type { PlanId } from '../../contract/user.ts';
import type { Account, Hold, Settle } from '../../domain/ledger.ts';
import { knownPlan } from '../../domain/plans.ts';
import { failure, log } from '../../log.ts';
import { addressMark } from '../../security/user-id.ts';
import { settingsOf } from '../../settings/settings.ts';
import { NextAlarm } from '../next-alarm.ts';
import { Access } from './access.ts';
import { AccountView } from './account.ts';
import { DayAllowance } from './allowance.ts';
import { PhotoClaims } from './claims.ts';
import { Erasure } from './erasure.ts';
import { History } from './history.ts';
import { Holds } from './holds.ts';
import { Opening } from './opening.ts';
import { Operator } from './operator.ts';
import { outsideOf } from './outside.ts';
import { Projection } from './projection.ts';
import { Revocation } from './revocation.ts';
import { Rules } from './rules.ts';
import type { Erasing, Grant, JobEntry, More, NewUser, Session, User } from './state.ts';
import { UserStore } from './store.ts';

export class UserRole {
  readonly access: Access;
  readonly account: AccountView;
  readonly alarm: NextAlarm;
  readonly claims: PhotoClaims;
  readonly erasure: Erasure;
  readonly history: History;
  readonly holds: Holds;
  readonly opening: Opening;
  readonly operator: Operator;
  readonly revocation: Revocation;
  readonly rules: Rules;
  readonly #id: string;
  readonly #projection: Projection;

  constructor(ctx: DurableObjectState, env: Env) {
    this.#id = ctx.id.toString();
    const store = new UserStore(ctx.storage);
    this.alarm = new NextAlarm(ctx, store.isNew, () => this.#dueTimes());
    const has = { ...stored(ctx.storage, store, this.alarm), ...outsideOf(env), ...limited(env) };
    const projection = new Projection(has);
    const allowance = new DayAllowance(has);
    const tellD1 = () => projection.soon();
    const opening = new Opening({ ...has, tellD1 });
    const access = new Access({ ...has, open: (signUp) => opening.once(signUp) });
    const claims = new PhotoClaims(has);
    const ours = { ...has, ...entered(access), ...counted(allowance), ...booked(claims), tellD1 };
    const rules = new Rules(ours);
    const account = new AccountView({ ...ours, shownRules: () => rules.list() });
    const me = () => account.me();
    const openedFor = (userId: string) => access.openedByOperator(userId);
    this.access = access;
    this.account = account;
    this.claims = claims;
    this.erasure = new Erasure(ours);
    this.history = new History({ ...ours, me, tellD1: () => projection.work() });
    this.holds = new Holds(ours);
    this.opening = opening;
    this.operator = new Operator({ ...ours, me, openedFor, tellD1: () => projection.now() });
    this.revocation = new Revocation(ours);
    this.rules = rules;
    this.#projection = projection;
  }

  /** When anything that is stored is due, what is overdue included. */
  #dueTimes(): number[] {
    return [
      ...this.#projection.dueTimes(),
      ...this.revocation.dueTimes(),
      ...this.claims.dueTimes(),
      ...(this.access.isErasing() ? this.erasure : this.holds).dueTimes(),
    ];
  }

  /** Does what is due. */
  async wake(): Promise<void> {
    this.alarm.gone();
    // Never throw out of an alarm as long as another one can be set: the platform gives up on one that throws.
    const works = [
      () => this.#projection.work(),
      () => this.revocation.work(),
      () => this.claims.work(),
      () => (this.access.isErasing() ? this.erasure.work() : this.holds.check()),
    ];
    for (const work of works) {
      try {
        await work();
      } catch (error) {
        log('error', 'user.alarm.failed', { object: this.#id, ...failure(error) });
      }
    }
    await this.alarm.afterRun();
  }
}

const now = () => Date.now();

/** What is kept here, and the alarm. */
function stored(storage: DurableObjectStorage, store: UserStore, alarm: NextAlarm) {
  return {
    now,
    ...readable(store),
    ...writable(store),
    forgetAll: async () => {
      await storage.deleteAll();
      store.forget();
      alarm.gone();
    },
    wakeBy: (time: number) => alarm.atLatest(time),
    restoreAlarm: () => alarm.restore(),
    lookAfterAlarm: () => alarm.look(),
  };
}

function readable(store: UserStore) {
  return {
    user: () => store.user(),
    receipt: (jobId: string) => store.receipt(jobId),
    receipts: (after: string, limit: number) => store.receipts(after, limit),
    receiptsOfKept: (after: string, limit: number) => store.receiptsOfKept(after, limit),
    grant: (key: string) => store.grant(key),
    rule: (id: string) => store.rule(id),
    rules: () => store.rules(),
    outbox: (limit: number) => store.outbox(limit),
  };
}

type Saved<K extends keyof UserStore> = UserStore[K] extends (...args: infer Args) => unknown ? Args : never;

/** Each is one commit. */
function writable(store: UserStore) {
  return {
    create: (...[user, granted]: [NewUser, Grant | null]) => store.open(user, granted, now()),
    saveAccount: (...saved: Saved<'saveAccount'>) => store.saveAccount(...saved),
    saveMore: (more: More) => store.saveMore(more),
    saveSessionEpoch: (...saved: Saved<'saveSessionEpoch'>) => store.saveSessionEpoch(...saved),
    saveLive: (live: readonly Hold[]) => store.saveLive(live),
    saveRecent: (recent: readonly JobEntry[]) => store.saveRecent(recent),
    saveSettled: (...saved: Saved<'saveSettled'>) => store.saveSettled(...saved),
    saveRule: (...saved: Saved<'saveRule'>) => store.saveRule(...saved),
    saveChanged: (user: User, account: Account, granted: Grant | null) =>
      store.saveChanged(user, account, granted, now()),
    projectAll: (user: User) => store.projectAll(user, now()),
    projected: (upTo: number, deleted: readonly string[], again: User | null) =>
      store.projected(upTo, deleted, again, now()),
    forgetReceipts: (...which: Saved<'forgetReceipts'>) => store.forgetReceipts(...which),
    noteGone: (jobIds: readonly string[]) => store.noteGone(jobIds, now()),
    beginErasure: (...saved: Saved<'beginErasure'>) => store.beginErasure(...saved),
    wipe: (erasing: Erasing) => store.wipe(erasing),
  };
}

/** What an operator may set, read when it is needed: a setting that is wrong keeps no object from waking. */
function limited(env: Env) {
  const numbers = () => settingsOf(env).numbers;
  return {
    allowanceOf: (plan: PlanId) => settingsOf(env).allowances[knownPlan(plan)],
    dailyRevocations: () => numbers().DAILY_REVOCATIONS,
    addressMark: (address: string) => addressMark(address, settingsOf(env)),
    delayMs: () => numbers().PROJECTION_DELAY_MS,
    historyDays: () => numbers().HISTORY_DAYS,
    limits: () => ({
      checkMs: numbers().HOLD_CHECK_MS,
      createdMs: numbers().JOB_CREATED_MS,
      graceMs: numbers().JOB_EFFECT_GRACE_MS,
      socketMs: numbers().WATCH_SOCKET_MS,
      signUpRepeatMs: numbers().SIGNUP_REPEAT_MS,
      revokeRepeatMs: numbers().REVOKE_REPEAT_MS,
      lastLookMs: numbers().JOB_LAST_LOOK_MS,
      tokenMs: (numbers().TOKEN_SECONDS + numbers().TOKEN_RENEW_SECONDS) * 1000,
    }),
  };
}

/** Who comes in. */
const entered = (access: Access) => ({
  opened: (session: Session | null) => access.opened(session),
  admitted: (session: Session | null) => access.admitted(session),
  current: () => access.user(),
  isErasing: () => access.isErasing(),
});

/** What counts against the day. */
const counted = (allowance: DayAllowance) => ({
  jobCreated: (user: User) => allowance.jobCreated(user),
  ruleChange: (user: User) => allowance.ruleChange(user),
  ruleDeleted: (user: User) => allowance.ruleDeleted(user),
  countRevocation: (user: User) => allowance.revocation(user),
  countQuery: (user: User, cost?: number) => allowance.query(user, cost),
});

/** What becomes of a claim when its job settles. */
const booked = (claims: PhotoClaims) => ({
  claimSettled: (user: User, hold: Hold, command: Settle) => claims.settled(user, hold, command),
  tellCeilings: () => claims.tellSoon(),
});

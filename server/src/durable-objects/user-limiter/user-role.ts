/**
 * An object that is a user's: its parts, each on the functions that it needs, over what is stored here, the alarm and what is asked of
 * others. The only place of them that knows the platform.
 */
import type { Env } from '../../bindings.ts';
import type { PlanId } from '../../contract/user.ts';
import { knownPlan } from '../../domain/plans.ts';
import { failure, log } from '../../log.ts';
import { addressMark } from '../../security/user-id.ts';
import { settingsOf } from '../../settings/settings.ts';
import { methodsOf } from '../methods-of.ts';
import { NextAlarm } from '../next-alarm.ts';
import { isForeign } from '../tables.ts';
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
  readonly #isForeign: () => boolean;

  constructor(ctx: DurableObjectState, env: Env) {
    this.#id = ctx.id.toString();
    const store = new UserStore(ctx.storage, now);
    this.alarm = new NextAlarm(ctx, store.isNew, () => this.#dueTimes());
    const has = { ...stored(ctx.storage, store, this.alarm), ...outsideOf(env), ...limited(env) };
    const projection = new Projection(has);
    const allowance = new DayAllowance(has);
    const tellD1 = () => projection.soon();
    const opening = new Opening({ ...has, tellD1 });
    const access = new Access({ ...has, open: (signUp) => opening.once(signUp) });
    const claims = new PhotoClaims(has);
    const ours = { ...has, ...methodsOf(access), ...methodsOf(allowance), ...methodsOf(claims), tellD1 };
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
    this.#isForeign = () => store.isNew && isForeign(ctx);
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
    if (this.#isForeign()) return;
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
    ...methodsOf(store),
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

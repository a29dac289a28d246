/**
 * What is promised of a step: what may come of what was before, beside what the model knows. Each promise is a sentence and what makes it
 * true; `user` and `job` are what the model knows, `now` is what the object holds, `before` what it held a step ago. What is true of
 * any one look, whoever takes it, stands in proving/world/promises.ts.
 */
import { env } from 'cloudflare:workers';
import { has, indexesOf } from '../../server/src/domain/bitmap.ts';
import { outRuns } from '../../server/src/domain/job/runs.ts';
import { hasRun, inputIndex, inputOwner, isClosing, type JobState } from '../../server/src/domain/job/state.ts';
import { inputKey, outputKey } from '../../server/src/domain/keys.ts';
import { type Hold, takingSlots } from '../../server/src/domain/ledger.ts';
import { PLANS } from '../../server/src/domain/plans.ts';
import { settingsOf } from '../../server/src/settings/settings.ts';
import { DAY, HOUR, MINUTE } from '../world/clock.ts';
import { ENDED } from '../world/look.ts';
import { STEPS_OF_RUNS, wasTried } from './run-promises.ts';
import type { JobView, UserView } from './views.ts';
import type { ModelJob } from './world.ts';

const { createdMaxMs } = settingsOf(env).job;
/** The longest that an alarm waits between two tries of what is owed. */
const LONGEST_WAIT = HOUR;
/** Milliseconds that results are kept. */
export const RETENTION = 30 * DAY;
/** Milliseconds that a job which never ran stays after its end, and after the last moment at which a photo of it may arrive. */
export const LAST_LOOK = 30 * MINUTE;

const same = <V>(a: ReadonlyMap<string, V>, b: ReadonlyMap<string, V>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => JSON.stringify(b.get(key)) === JSON.stringify(value));
const live = (holds: Hold[]): Hold[] => holds.filter(({ settledAt }) => settledAt === null);

export const STEPS_OF_A_USER: Record<string, (view: UserView) => boolean> = {
  'the plan is the one that was set last': ({ user, now }) => now.account.plan === user.plan,

  'no more jobs take a slot than the plan has, but for those that did under a larger plan': ({ before, now }) =>
    takingSlots(now.holds).length <=
    Math.max(
      PLANS[now.account.plan].activeJobs,
      PLANS[before?.account.plan ?? 'free'].activeJobs,
      takingSlots(before?.holds ?? []).length,
    ),

  'only a job that has ended gives its slot back before it is settled': ({ now, jobOf }) =>
    live(now.holds).every((hold) => {
      const look = hold.slotFree ? jobOf(hold)?.look : null;
      return look === null || (look?.kind === 'job' && ENDED.has(look.job.status));
    }),

  'no more rules than the plan has slots, but for those from a larger plan': ({ before, now }) =>
    now.rules.size <=
    Math.max(
      PLANS[now.account.plan].ruleSlots,
      PLANS[before?.account.plan ?? 'free'].ruleSlots,
      before?.rules.size ?? 0,
    ),

  'the rules are those that the user was told are saved': ({ user, now }) =>
    user.unanswered > 0 || same(user.rules, now.rules),

  'a settled hold never changes': ({ before, now }) =>
    (before?.holds ?? [])
      .filter(({ settledAt }) => settledAt !== null)
      .every((old) => now.holds.some((hold) => JSON.stringify(hold) === JSON.stringify(old))),

  'a hold belongs to a job that was asked for': ({ now, jobOf }) => now.holds.every((hold) => jobOf(hold) !== null),

  'a live hold belongs to a job that lives or has yet to settle, or to one that is asked for it soon': ({
    now,
    jobOf,
    still,
  }) =>
    !still ||
    live(now.holds).every((hold) => {
      const look = jobOf(hold)?.look;
      if (look?.kind !== 'job') return hold.checkAt !== null;
      return !ENDED.has(look.job.status) || look.owes.some(({ name }) => name === 'verify' || name === 'settle');
    }),

  'a settled hold was charged what its job says, and nothing if there was none': ({ now, jobOf }) =>
    now.holds.every((hold) => {
      if (hold.settledAt === null) return true;
      const known = jobOf(hold);
      if (known?.look.kind === 'job') return known.look.job.charged === hold.charged;
      // A job that outlived its storage may be asked once more whether it needs photos, and then leaves a tombstone.
      return known?.look.kind !== 'abandoned' || hold.charged === 0 || known.job.made;
    }),

  'someone will come to ask for every live hold': ({ now, time, alarmRuns }) =>
    alarmRuns ||
    live(now.holds).every(
      ({ checkAt }) => checkAt !== null && now.alarm !== null && now.alarm <= Math.max(checkAt, time + LONGEST_WAIT),
    ),

  'what D1 has not heard of is tried again': ({ now, time, alarmRuns }) =>
    alarmRuns || now.outbox === 0 || (now.alarm !== null && now.alarm <= time + LONGEST_WAIT),

  'what the day of all has not heard of is told it again': ({ now, time, alarmRuns }) =>
    alarmRuns || now.lowerings.length === 0 || (now.alarm !== null && now.alarm <= time + LONGEST_WAIT),
};

const NEXT: Record<JobState['status'], JobState['status'][]> = {
  created: ['uploaded', 'queued', 'running', 'done', 'failed', 'canceled'],
  uploaded: ['queued', 'running', 'done', 'failed', 'canceled'],
  queued: ['running', 'done', 'failed', 'canceled'],
  running: ['done', 'failed', 'canceled'],
  done: [],
  failed: [],
  canceled: [],
};
const ended = ({ status }: JobState): boolean => ENDED.has(status);
export const isKept = (job: ModelJob, now: JobState, time: number): boolean =>
  !job.deleted && now.deletedAt === null && now.endedAt !== null && time < now.endedAt + RETENTION;
const kept = ({ now, time, job }: JobView): boolean => isKept(job, now, time);
const resultOf = ({ now, stored }: JobView, idx: number): boolean => stored.has(outputKey(now, idx));

export const STEPS_OF_A_JOB: Record<string, (view: JobView) => boolean> = {
  'a job only goes forward': ({ before, now }) =>
    before === null || before.status === now.status || NEXT[before.status].includes(now.status),

  'a job that has ended stays as it ended': ({ before, now }) =>
    before === null || !ended(before) || (now.endedAt === before.endedAt && now.error === before.error),

  'a job waits for its photos as long as somebody asks where to bring them, an hour each time, and only for so long': ({
    job,
    now,
    still,
  }) =>
    now.status !== 'created' ||
    (now.deadline <= now.createdAt + createdMaxMs && (!still || now.deadline <= job.askedAt + HOUR)),

  'a job is canceled by its user or by the clock before it was executed': ({ job, now }) =>
    now.status !== 'canceled' || job.canceled || now.attempt === 0,

  'a settled photo stays as it was settled, but for one whose result is missing at the end': ({ before, now }) =>
    before === null ||
    ((before.failed & ~now.failed) === 0n &&
      (before.done & ~(now.done | now.failed)) === 0n &&
      (before.charged === null || before.done === now.done)),

  'a photo is done only if a GPU worker said so first': ({ job, now }) =>
    job.unanswered > 0 || indexesOf(now.done).every((idx) => job.reported.get(idx) === 'done'),

  'a photo fails because a GPU worker said so, because time or tries ran out, or because its result is missing': ({
    job,
    now,
  }) =>
    job.unanswered > 0 ||
    indexesOf(now.failed).every(
      (idx) =>
        job.reported.get(idx) === 'failed' ||
        (job.reported.get(idx) === 'done'
          ? now.charged !== null
          : now.error !== null && (ended(now) || isClosing(now) || wasTried(now, idx))),
    ),

  'the first result of a photo stands': (view) =>
    view.job.unanswered > 0 ||
    [...view.job.reported].every(([idx, said]) =>
      said === 'failed' ? has(view.now.failed, idx) : has(view.now.done, idx) || view.now.charged !== null,
    ),

  'the charge is decided once': ({ before, now }) =>
    before === null || before.charged === null || before.charged === now.charged,

  'no credit is charged for a photo whose result does not lie in R2': (view) =>
    view.now.charged === null || !kept(view) || indexesOf(view.now.done).every((idx) => resultOf(view, idx)),

  'a photo that was reported done and lies in R2 is charged and kept': (view) =>
    !view.still ||
    view.now.charged === null ||
    view.before === null ||
    view.before.charged !== null ||
    [...view.job.reported].every(
      ([idx, said]) =>
        said === 'failed' ||
        !resultOf(view, idx) ||
        view.looks.some((found) => !found.has(outputKey(view.now, idx))) ||
        has(view.now.done, idx),
    ),

  'a job that was made has its credits held until it is settled': ({ now, hold }) =>
    hold !== null && hold.amount === now.photos.length && (hold.settledAt === null || now.charged === hold.charged),

  'a live job has an alarm that comes before its deadline and the leases of its runs': ({
    now,
    alarm,
    time,
    alarmRuns,
  }) => {
    if (alarmRuns || ended(now)) return true;
    if (isClosing(now)) return alarm !== null && alarm <= time + LONGEST_WAIT;
    const atWork = now.status === 'queued' || now.status === 'running';
    const leases = atWork ? outRuns(now).map(({ leaseUntil }) => leaseUntil) : [];
    const due = Math.min(now.deadline, ...leases);
    // What is overdue was tried in vain.
    return alarm !== null && alarm <= (due > time ? due : time + LONGEST_WAIT);
  },

  'what a job owes is tried again': ({ owes, alarm, time, alarmRuns }) =>
    alarmRuns || owes.every(({ due }) => alarm !== null && alarm <= Math.max(due, time + LONGEST_WAIT)),

  'the photos of a live job stay where they are, and those of one that was executed as long as its results': (view) =>
    view.now.status === 'created' ||
    (ended(view.now) && !(hasRun(view.now) && kept(view))) ||
    view.now.photos.every((_, idx) => view.stored.has(inputKey(inputOwner(view.now), inputIndex(view.now, idx)))),

  'an object whose job was never executed is woken to be emptied within the hour': ({
    now,
    owes,
    alarm,
    time,
    alarmRuns,
  }) =>
    alarmRuns ||
    hasRun(now) ||
    now.endedAt === null ||
    owes.length > 0 ||
    now.dependents.length > 0 ||
    (alarm !== null && alarm <= Math.max(now.endedAt + HOUR, time + LONGEST_WAIT)),

  ...STEPS_OF_RUNS,
};

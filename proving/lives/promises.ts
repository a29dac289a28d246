/**
 * What is promised: after every step, and once nothing happens any more. Each promise is a sentence and what makes it true;
 * `user` and `job` are what the model knows, `now` is what the object holds, `before` what it held a step ago.
 */
import { count, has, indexesOf } from '../../server/src/domain/bitmap.ts';
import {
  hasRun,
  inputIndex,
  inputOwner,
  isClosing,
  type JobState,
  sentPhotos,
} from '../../server/src/domain/job/state.ts';
import { inputKey, outputKey } from '../../server/src/domain/keys.ts';
import { type Hold, takingSlots } from '../../server/src/domain/ledger.ts';
import { PLANS } from '../../server/src/domain/plans.ts';
import { ENDED, type JobLook, type ModelJob, type ModelUser, type Projection, type UserLook } from './world.ts';

export type UserView = {
  user: ModelUser;
  before: UserLook | null;
  now: UserLook;
  /** What is known of the job behind a hold. */
  jobOf: (hold: Hold) => { job: ModelJob; look: JobLook } | null;
  time: number;
  /** Nothing is under way that was not answered yet. */
  still: boolean;
  alarmRuns: boolean;
};

export type JobView = {
  job: ModelJob;
  before: JobState | null;
  now: JobState;
  owes: { name: string; due: number }[];
  alarm: number | null;
  hold: Hold | null;
  stored: ReadonlySet<string>;
  /** What the job found when it looked for its results: an answer may be late, and tell of what lay there before. */
  looks: readonly ReadonlySet<string>[];
  /** Dispatches that the provider took, or may have taken, of each attempt. */
  taken: ReadonlyMap<number, number>;
  time: number;
  still: boolean;
  alarmRuns: boolean;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The longest that an alarm waits between two tries of what is owed. */
const LONGEST_WAIT = 60 * MINUTE;
/** Milliseconds that results are kept. */
export const RETENTION = 30 * 24 * 60 * MINUTE;
/** Milliseconds that a job which never ran stays after its end, and after the last moment at which a photo of it may arrive. */
export const LAST_LOOK = 30 * MINUTE;
const MAX_ATTEMPTS = 3;

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);
const same = <V>(a: ReadonlyMap<string, V>, b: ReadonlyMap<string, V>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => JSON.stringify(b.get(key)) === JSON.stringify(value));
const live = (holds: Hold[]): Hold[] => holds.filter(({ settledAt }) => settledAt === null);

export const ALWAYS_OF_A_USER: Record<string, (view: UserView) => boolean> = {
  'balance, held and spent add up to what was granted, and none is negative': ({ now: { account } }) =>
    account.balance + account.held + account.spent === account.granted &&
    Math.min(account.balance, account.held, account.spent) >= 0,

  'granted is what sign-up, plans and operators gave, each once': ({ user, now: { account } }) =>
    account.granted === sum(user.grants.values()),

  'the plan is the one that was set last': ({ user, now }) => now.account.plan === user.plan,

  'held is what live jobs hold, spent what ended ones were charged': ({ now: { account, holds } }) =>
    account.held === sum(live(holds).map(({ amount }) => amount)) &&
    account.spent === sum(holds.map(({ charged }) => charged ?? 0)),

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
const kept = ({ now, time, job }: JobView): boolean =>
  !job.deleted && now.deletedAt === null && now.endedAt !== null && time < now.endedAt + RETENTION;
const resultOf = ({ now, stored }: JobView, idx: number): boolean => stored.has(outputKey(now, idx));

export const ALWAYS_OF_A_JOB: Record<string, (view: JobView) => boolean> = {
  'a job only goes forward': ({ before, now }) =>
    before === null || before.status === now.status || NEXT[before.status].includes(now.status),

  'a job that has ended stays as it ended': ({ before, now }) =>
    before === null || !ended(before) || (now.endedAt === before.endedAt && now.error === before.error),

  'a job is canceled by its user or by the clock before it was executed': ({ job, now }) =>
    now.status !== 'canceled' || job.canceled || now.attempt === 0,

  'a job is done when a photo is done, and failed when none is': ({ now }) =>
    now.status === 'done' ? now.done !== 0n : now.status !== 'failed' || now.done === 0n,

  'a photo is done or failed, not both': ({ now }) => (now.done & now.failed) === 0n,

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
          : now.error !== null && (ended(now) || isClosing(now))),
    ),

  'the first result of a photo stands': (view) =>
    view.job.unanswered > 0 ||
    [...view.job.reported].every(([idx, said]) =>
      said === 'failed' ? has(view.now.failed, idx) : has(view.now.done, idx) || view.now.charged !== null,
    ),

  'the charge is one credit for each photo that is done, decided once': ({ before, now }) =>
    (now.charged === null || (now.charged === count(now.done) && ended(now))) &&
    (before === null || before.charged === null || before.charged === now.charged),

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

  'a live job has an alarm that comes before its deadline and its lease': ({ now, alarm, time, alarmRuns }) => {
    if (alarmRuns || ended(now)) return true;
    if (isClosing(now)) return alarm !== null && alarm <= time + LONGEST_WAIT;
    const atWork = now.status === 'queued' || now.status === 'running';
    const due = atWork ? Math.min(now.deadline, now.leaseUntil) : now.deadline;
    // What is overdue was tried in vain.
    return alarm !== null && alarm <= (due > time ? due : time + LONGEST_WAIT);
  },

  'what a job owes is tried again': ({ owes, alarm, time, alarmRuns }) =>
    alarmRuns || owes.every(({ due }) => alarm !== null && alarm <= Math.max(due, time + LONGEST_WAIT)),

  'a lease never outlives the URLs of its attempt': ({ now }) =>
    now.dispatch === 'none' || ended(now) || now.leaseUntil <= now.attemptDeadline,

  'only a live job has something to send': ({ now, owes }) =>
    !(ended(now) || isClosing(now)) || owes.every(({ name }) => name !== 'send'),

  'there are three attempts at most, and the provider takes each once': ({ now, taken }) =>
    now.attempt <= MAX_ATTEMPTS && [...taken].every(([attempt, times]) => attempt <= now.attempt && times <= 1),

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
};

export type RestView = {
  user: ModelUser;
  now: UserLook;
  jobs: { job: ModelJob; look: JobLook }[];
  d1: Projection;
  /** What the day of all counts of each job, where that day counts still. */
  counted: ReadonlyMap<string, number>;
};
const statesOf = (jobs: RestView['jobs']): JobState[] =>
  jobs.flatMap(({ look }) => (look.kind === 'job' ? [look.job] : []));
const states = ({ jobs }: RestView): JobState[] => statesOf(jobs);
const shown = ({ jobs }: RestView): JobState[] => statesOf(jobs.filter(({ job }) => !job.deleted));
const itemStatus = (job: JobState, idx: number) =>
  has(job.done, idx) ? 'done' : has(job.failed, idx) ? 'failed' : 'canceled';

/** With every failure over, all messages delivered and the clock moved until nothing is due. */
export const AT_REST: Record<string, (view: RestView) => boolean> = {
  'every job has ended and is charged': (view) =>
    states(view).every((job) => ended(job) && job.charged !== null) &&
    view.jobs.every(({ job, look }) => !job.made || look.kind === 'job' || job.deleted),

  'no credit is held and no slot taken': ({ now }) => now.account.held === 0 && live(now.holds).length === 0,

  'the day of all counts no photo that never reached the provider': (view) =>
    states(view).every((job) => (view.counted.get(job.jobId) ?? 0) <= Math.max(sentPhotos(job), job.charged ?? 0)),

  'nothing is owed': ({ now, jobs }) =>
    now.outbox === 0 &&
    now.lowerings.length === 0 &&
    jobs.every(({ look }) => look.kind !== 'job' || look.owes.length === 0),

  "D1 shows the user's plan and credits, granted less spent": ({ now: { account }, d1 }) =>
    d1.user?.plan === account.plan && d1.user.credits === account.granted - account.spent,

  "the receipts are the grants and the charges, and add up to the user's credits": ({ user, now, d1 }) => {
    const wanted = new Map([...user.grants].map(([key, amount]) => [`grant:${user.id}:${key}`, amount]));
    for (const { jobId, charged } of now.holds) if (charged) wanted.set(`charge:${jobId}`, -charged);
    return same(wanted, d1.events) && sum(d1.events.values()) === now.account.granted - now.account.spent;
  },

  "D1 shows the user's rules": ({ user, d1 }) => same(user.rules, d1.rules),

  'D1 shows every job that was not deleted as it ended, and no other': (view) =>
    same(
      new Map(
        shown(view).map((job) => {
          const { status, done, failed, photos } = job;
          return [job.jobId, { status, done: count(done), failed: count(failed), total: photos.length }];
        }),
      ),
      view.d1.jobs,
    ),

  'D1 shows every photo of those jobs as it ended, and none of a job that was never executed': (view) =>
    same(
      new Map(
        shown(view)
          .filter(hasRun)
          .map((job) => [job.jobId, job.photos.map((_, idx) => itemStatus(job, idx))]),
      ),
      view.d1.items,
    ),
};

/** After the retention of everything. */
export type GoneView = { job: ModelJob; look: JobLook; keys: string[] };
export const AFTER_RETENTION: Record<string, (view: GoneView) => boolean> = {
  'the job has deleted its own storage, and has no alarm': ({ look }) =>
    look.kind === 'none' && look.tables === 0 && look.alarm === null,
  'nothing of the job lies in R2': ({ keys }) => keys.length === 0,
};

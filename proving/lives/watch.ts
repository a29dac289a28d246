/** After each step: looks at what may have changed and holds it against the promises. */
import { env } from 'cloudflare:workers';
import { outRuns } from '../../server/src/domain/job/runs.ts';
import type { JobState, Run } from '../../server/src/domain/job/state.ts';
import { outputKey } from '../../server/src/domain/keys.ts';
import { settingsOf } from '../../server/src/settings/settings.ts';
import { ENDED, type Look, seenJob } from '../world/look.ts';
import { ALWAYS, broken, type Promises } from '../world/promises.ts';
import { type JobLook, ledgerFrom, lookAtJob, lookAtUser, type UserLook } from '../world/workerd/look.ts';
import { LONGEST_LIMIT } from './limits.ts';
import { outside } from './outside.ts';
import { isKept, STEPS_OF_A_JOB, STEPS_OF_A_USER } from './promises.ts';
import type { JobView, UserView } from './views.ts';
import { Broken, type ModelJob, type ModelUser, must, type World } from './world.ts';
import { isUnarmed, isUnchanged, seeInto, takeStrange } from './writes.ts';

const { leaseMs } = settingsOf(env).job;

/** Throws {@link Broken} for the first promise that does not hold. */
export function hold(look: Look, ...sets: Promises[]): void {
  const [fault] = broken(look, ...sets);
  if (fault !== undefined) throw new Broken(fault.promise, fault.where);
}

function holdStep<V>(promises: Record<string, (view: V) => boolean>, view: V, where: () => string): void {
  for (const [sentence, holds] of Object.entries(promises)) if (!holds(view)) throw new Broken(sentence, where());
}

/** Every object that may have changed. Users first: a settlement is decided at the job before it shows at the user. */
export async function watch(world: World): Promise<void> {
  const wide = world.wide || !isStill(world);
  world.wide = !isStill(world);
  const trusted = !takeStrange();
  const before = { users: world.userLooks, jobs: new Map(world.jobLooks) };
  const users = new Map<ModelUser, UserLook>();
  world.userLooks = new Map(before.users);
  for (const user of world.users.filter((one) => wide || !trusted || userMayChange(world, one))) {
    const seen = trusted && isUnchanged(user.id) ? world.userLooks.get(user.id) : undefined;
    const look = seen ?? (await lookAtUser(user.id, (storage) => seeInto(user.id, storage)));
    must(look !== null || !before.users.has(user.id), 'an account does not vanish', () => user.id);
    if (look === null) continue;
    users.set(user, look);
    world.userLooks.set(user.id, look);
  }
  const jobs = new Map<ModelJob, JobLook>();
  for (const job of world.jobs.filter((one) => !trusted || jobMayChange(world, one, wide))) {
    const seen = trusted && isUnchanged(job.id) ? world.jobLooks.get(job.id) : undefined;
    jobs.set(job, seen ?? (await lookAtJob(job.id, (storage) => seeInto(job.id, storage))));
  }
  for (const [job, look] of jobs) {
    world.jobLooks.set(job.id, look);
    if (look.kind !== 'job') continue;
    world.lastStates.set(job.id, look.job);
    // The same key may have been tried with other photos before a job came of it.
    if (before.jobs.get(job.id)?.kind !== 'job') Object.assign(job, { photos: look.job.photos, from: look.job.source });
  }
  hold(plainLook(users, jobs), ALWAYS);
  for (const [user, now] of users) {
    const view = userView(world, user, before.users.get(user.id) ?? null, now);
    holdStep(STEPS_OF_A_USER, view, () => `${user.id}: ${show(now)}`);
  }
  for (const [job, look] of jobs) {
    if (look.kind !== 'job') continue;
    const old = before.jobs.get(job.id);
    const view = jobView(world, job, old?.kind === 'job' ? old : null, look);
    holdStep(STEPS_OF_A_JOB, view, () => `${show(look)} hold ${show(view.hold)} now ${Date.now()}`);
  }
  watchOnce(world, before.jobs);
  outside.heard = new Map();
}

function plainLook(users: ReadonlyMap<ModelUser, UserLook>, jobs: ReadonlyMap<ModelJob, JobLook>): Look {
  const now = Date.now();
  return {
    ledgers: [...users].map(([{ id }, look]) => ledgerFrom(id, look)),
    jobs: [...jobs].flatMap(([job, look]) =>
      look.kind === 'job' ? [seenJob(look.job, { deleted: job.deleted, kept: isKept(job, look.job, now) })] : [],
    ),
    d1: {},
    given: new Map([...users.keys()].map(({ id, grants }) => [id, grants])),
  };
}

/** What a job does shows at its user. */
function userMayChange(world: World, user: ModelUser): boolean {
  if (!isUnchanged(user.id)) return true;
  return world.touched.has(user.id) || world.jobs.some((job) => job.user === user && world.touched.has(job.id));
}

/** A user's object touches its jobs with live holds, to ask for them. @param wide whether something was under way */
function jobMayChange(world: World, job: ModelJob, wide: boolean): boolean {
  const look = world.jobLooks.get(job.id);
  // Jobs wake each other: one asks those that were made from it whether they need its photos.
  if (!isUnchanged(job.id)) return true;
  if (world.touched.has(job.id) || look === undefined) return true;
  if (!wide) return world.touched.has(job.user.id) && look.kind !== 'job' && look.kind !== 'abandoned';
  return look.kind !== 'job' || !ENDED.has(look.job.status) || look.owes.length > 0;
}

function userView(world: World, user: ModelUser, before: UserLook | null, now: UserLook): UserView {
  return {
    user,
    before,
    now,
    jobOf: ({ jobId }) => {
      const job = world.jobs.find(({ id, user: owner }) => id === jobId && owner === user);
      return job === undefined
        ? null
        : { job, look: world.jobLooks.get(jobId) ?? { kind: 'none', alarm: null, tables: 0 } };
    },
    time: Date.now(),
    still: isStill(world),
    alarmRuns: alarmRuns(world, user.id),
  };
}

function jobView(
  world: World,
  job: ModelJob,
  before: (JobLook & { kind: 'job' }) | null,
  look: JobLook & { kind: 'job' },
): JobView {
  return {
    job,
    before: before?.job ?? null,
    now: look.job,
    owes: look.owes,
    alarm: look.alarm,
    hold: world.userLooks.get(job.user.id)?.holds.find(({ jobId }) => jobId === job.id) ?? null,
    stored: outside.stored,
    looks: outside.looks.filter(({ prefix }) => outputKey(look.job, 0).startsWith(prefix)).map(({ found }) => found),
    dispatched: outside.dispatched.filter(({ message }) => message.job_id === job.id),
    heard: outside.heard,
    working: outside.working,
    time: Date.now(),
    still: isStill(world),
    alarmRuns: alarmRuns(world, job.id),
  };
}

const isStill = (world: World): boolean => world.pending.size === 0 && outside.held === 0;
const alarmRuns = (world: World, id: string): boolean =>
  isUnarmed(id) || [...world.pending].some(({ alarmsOf }) => alarmsOf.includes(id));
const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString(2) : inner instanceof Map ? [...inner] : inner,
  );

type SeenJobLook = JobLook & { kind: 'job' };

const sameRuns = (old: JobState, now: JobState, runs: readonly Run[]): boolean =>
  old.attempt === now.attempt &&
  runs.every((run) => show(now.runs.find(({ attempt }) => attempt === run.attempt)) === show(run));

/** What only the command at hand promised. */
function watchOnce(world: World, before: ReadonlyMap<string, JobLook>): void {
  const { freed, buried, named } = world;
  Object.assign(world, { freed: null, buried: null, named: null });
  if (freed !== null) {
    const holds = world.users.flatMap(({ id }) => world.userLooks.get(id)?.holds ?? []);
    const free = holds.some(({ jobId, slotFree }) => jobId === freed && slotFree);
    must(free, 'a cancel is answered with the slot free already', () => freed);
  }
  // A call does what was owed as well, such as counting a job that is closing.
  step(buried?.jobId, ({ owes, job: old }, { job: now }) => {
    const kept = old.runs.filter(({ attempt, stage }) => attempt !== buried?.run || stage !== 'none');
    must(
      owes.length > 0 || (old.status === now.status && old.failed === now.failed && sameRuns(old, now, kept)),
      'a dead letter fails no photo, and acts only on its run, if nobody has taken it',
      () => now.jobId,
    );
  });
  step(named?.jobId, ({ job: old }, { job: now }) => {
    const unnamed = old.runs.filter(({ attempt, providerId }) => {
      return !named?.runs.includes(attempt) && !outside.heard.has(providerId ?? '');
    });
    const renewed = unnamed.some(({ attempt, leaseUntil, stage }) => {
      const run = now.runs.find((one) => one.attempt === attempt);
      return run !== undefined && stage !== 'none' && run.leaseUntil !== leaseUntil;
    });
    must(!renewed, 'a result renews no lease but that of the run that it names', () => now.jobId);
    const silent = outRuns(now).filter(({ attempt, stage, leaseUntil, urlsUntil }) => {
      const wasOut = outRuns(old).some((run) => run.attempt === attempt && run.stage !== 'none');
      const due = Math.min(Date.now() - LONGEST_LIMIT + leaseMs, urlsUntil);
      return named?.taken.includes(attempt) && wasOut && stage !== 'none' && leaseUntil < due;
    });
    must(silent.length === 0, 'a result that is taken renews the lease of its run', () => now.jobId);
  });

  function step(jobId: string | undefined, look: (old: SeenJobLook, now: SeenJobLook) => void): void {
    const [old, now] = [before.get(jobId ?? ''), world.jobLooks.get(jobId ?? '')];
    if (old?.kind === 'job' && now?.kind === 'job') look(old, now);
  }
}

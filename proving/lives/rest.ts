/** Quiescence: failures off, messages delivered, the clock moved from alarm to alarm until nothing is owed; then until nothing is left. */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { dayOf, oldestDay } from '../../server/src/domain/ceilings.ts';
import { reconcile } from '../../server/src/reconcile.ts';
import { DAY } from '../world/clock.ts';
import { ENDED, type Look, seenJob } from '../world/look.ts';
import { AFTER_RETENTION, ALWAYS, AT_REST, ONCE_TOLD } from '../world/promises.ts';
import { type JobLook, ledgerFrom, lookAtCeilings, lookAtHistory, lookAtRemains } from '../world/workerd/look.ts';
import { jobStub, userStub } from '../world/workerd/past.ts';
import { deliverMail, finishWork, sentPhotos } from './do-gpu.ts';
import { remove } from './do-job.ts';
import { keepsLater } from './later.ts';
import { outside } from './outside.ts';
import { isKept } from './promises.ts';
import { hold, watch } from './watch.ts';
import { type ModelJob, type ModelUser, must, type World } from './world.ts';
import { forgetSeen } from './writes.ts';

/** Far more than any world needs: past it something goes round in circles. */
const MOST_ALARMS = 1_000;

/** The object whose alarm comes first. */
export function nextToWake(world: World): { id: string; at: number; stub: DurableObjectStub } | null {
  const users = world.users.map(({ id }) => ({ id, at: world.userLooks.get(id)?.alarm ?? null, stub: userStub(id) }));
  const jobs = world.jobs.map(({ id }) => ({ id, at: world.jobLooks.get(id)?.alarm ?? null, stub: jobStub(id) }));
  const set = [...users, ...jobs].flatMap(({ id, at, stub }) => (at === null ? [] : [{ id, at, stub }]));
  return set.sort((a, b) => a.at - b.at)[0] ?? null;
}

async function wakeNext(world: World, setClock: (time: number) => void): Promise<boolean> {
  const next = nextToWake(world);
  if (next === null) return false;
  setClock(Math.max(Date.now(), next.at));
  world.trace.push(`  rest: alarm of ${next.id.slice(0, 12)}`);
  forgetSeen(next.id);
  await runDurableObjectAlarm(next.stub);
  world.touched = new Set([next.id]);
  return true;
}

function isQuiet(world: World): boolean {
  const users = [...world.userLooks.values()];
  const jobs = [...world.jobLooks.values()];
  return (
    outside.mail.length === 0 &&
    users.every(({ outbox, lowerings }) => outbox === 0 && lowerings.length === 0) &&
    users.every(({ holds }) => holds.every(({ settledAt }) => settledAt !== null)) &&
    jobs.every((look) => look.kind !== 'job' || (ENDED.has(look.job.status) && look.owes.length === 0))
  );
}

/**
 * What the schedule does within a stated time, with no caller: it visits every user, who asks his live jobs in turn. After it every alarm
 * that could not be set is there again.
 */
export async function visitAll(world: World): Promise<void> {
  for (const user of world.users) {
    await reconcile(env, { userId: user.id });
    forgetSeen(user.id);
  }
  for (const { id } of [...world.users, ...world.jobs]) world.touched.add(id);
  for (const { id } of world.jobs) forgetSeen(id);
  await watch(world);
}

/** @param diligent whether a GPU worker does what is open; otherwise leases and tries run out */
export async function comeToRest(world: World, diligent: boolean, setClock: (time: number) => void): Promise<void> {
  let visited = false;
  for (let woken = 0; !isQuiet(world); woken++) {
    must(woken < MOST_ALARMS, 'nothing stays stuck', () => `after ${MOST_ALARMS} alarms`);
    world.touched = new Set();
    const mail = [...outside.mail];
    if (mail.length > 0) await deliverMail(world, mail);
    else if (!(await wakeNext(world, setClock))) {
      // What owes something after its job has ended, and lost its alarm, is found a day later.
      must(world.alarmsLost && !visited, 'nothing is owed without an alarm', () => 'no alarm is set');
      visited = true;
      setClock(Date.now() + 2 * DAY);
      await visitAll(world);
    }
    await watch(world);
    if (!diligent) continue;
    for (const job of world.jobs) {
      const seen = world.jobLooks.get(job.id);
      if (seen?.kind !== 'job' || ENDED.has(seen.job.status) || sentPhotos(seen.job).length === 0) continue;
      world.touched.add(job.id);
      await finishWork(world, job);
      await watch(world);
    }
  }
  await checkRest(world);
}

async function checkRest(world: World): Promise<void> {
  for (const job of world.jobs.filter(({ toDelete }) => toDelete)) {
    const answer = await remove(job);
    must(
      answer === 'deleted',
      'a job that could not be deleted for a moment is deleted when asked again',
      () => answer,
    );
  }
  for (const { id } of [...world.users, ...world.jobs].filter((one) => world.later.has(one.id))) {
    const stub = world.users.some((user) => user.id === id) ? userStub(id) : jobStub(id);
    must(await keepsLater(stub), 'what a later release stored is kept', () => id);
  }
  for (const user of world.users) {
    const look = await lookAtRest(world, user);
    if (look === null) continue;
    hold(look, ALWAYS, ONCE_TOLD, AT_REST);
    if (world.seed % 4 !== 1) continue;
    const report = await reconcile(env, { userId: user.id });
    must(report.differences.length === 0, 'reconciliation finds nothing', () => JSON.stringify(report.differences));
  }
}

async function lookAtRest(world: World, user: ModelUser): Promise<Look | null> {
  const now = world.userLooks.get(user.id);
  if (now === undefined) return null;
  const mine = world.jobs.filter((job) => job.user === user);
  const seen = mine.map((job) => ({ job, look: lastOf(world, job) }));
  for (const { job, look } of seen) {
    must(
      !job.made || look.kind === 'job' || job.deleted,
      'a job that was made is there until it is deleted',
      () => job.id,
    );
  }
  return {
    ledgers: [ledgerFrom(user.id, now)],
    jobs: seen.flatMap(({ job, look }) => {
      if (look.kind !== 'job') return [];
      const known = { deleted: job.deleted, kept: isKept(job, look.job, Date.now()) };
      return [{ ...seenJob(look.job, known), owes: look.owes.map(({ name }) => name) }];
    }),
    d1: await lookAtHistory(user.id),
    stored: outside.stored,
    counted: await counted(mine),
    given: new Map([[user.id, user.grants]]),
  };
}

/** Nothing is lowered any more of a day that is over. */
async function counted(jobs: ModelJob[]): Promise<Map<string, number>> {
  const claims = await lookAtCeilings(jobs.map(({ id }) => id));
  const current = [...claims].filter(([, { day }]) => day >= oldestDay(dayOf(Date.now())));
  return new Map(current.map(([id, { photos }]) => [id, photos]));
}

/** A job that has deleted itself is still what it was last, as far as history goes. */
function lastOf(world: World, { id, deleted }: ModelJob): JobLook {
  const look = world.jobLooks.get(id) ?? { kind: 'none', alarm: null, tables: 0 };
  const last = world.lastStates.get(id);
  if (look.kind === 'job' || last === undefined || deleted) return look;
  return { kind: 'job', job: last, owes: [], alarm: null };
}

export async function outlive(world: World, setClock: (time: number) => void): Promise<void> {
  // Jobs that have ended are asked a day later.
  setClock(Date.now() + 2 * DAY);
  await visitAll(world);
  for (let woken = 0; await wakeNext(world, setClock); woken++) {
    must(woken < MOST_ALARMS, 'everything is cleaned up in the end', () => `after ${MOST_ALARMS} alarms`);
    await watch(world);
  }
  for (const user of world.users) {
    const mine = world.jobs.filter((one) => one.user === user);
    const jobIds = mine.map(({ id }) => id);
    hold(await lookAtRemains(user.id, jobIds), AFTER_RETENTION);
  }
}

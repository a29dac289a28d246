/** The schedule visits every user, with every job of his, within a round: whatever kills a run, and whoever runs beside it. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test, vi } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, wake } from '../../../proving/world/workerd/clock.ts';
import { doneJob } from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, jobObject, sqlIn, userObject } from '../../../proving/world/workerd/objects.ts';
import type { Env } from '../../src/bindings.ts';
import { reconcileRound } from '../../src/reconcile-round.ts';

const USERS = 24;
const someUsers = (): Promise<User[]> => Promise.all(Array.from({ length: USERS }, () => signUp()));
const withUsers = (users: number): Env => ({ ...env, RECONCILE_USERS: String(users) });
const roundOf = async () => (await d1('SELECT user_id, job_id, tries, begun_at FROM reconcile_round'))[0];

beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare('DELETE FROM users'),
    env.DB.prepare('UPDATE reconcile_round SET user_id = NULL, job_id = NULL, begun_at = 0, tries = 0'),
  ]);
});

/** Notes whose object is asked, each time. */
function noteVisits(): string[] {
  const visits: string[] = [];
  const { idFromName } = env.USER_LIMITER;
  vi.spyOn(env.USER_LIMITER, 'idFromName').mockImplementation((name) => {
    visits.push(name);
    return Reflect.apply(idFromName, env.USER_LIMITER, [name]) as DurableObjectId;
  });
  return visits;
}
async function wakeAll(users: User[]): Promise<void> {
  for (const { userId } of users) await wake(userObject(userId));
}
const idsOf = (users: User[]) => users.map(({ userId }) => userId).toSorted();

test('every user is visited once in a round, a run at a time, and the next round waits for its day', {
  timeout: 30_000,
}, async () => {
  const users = await someUsers();
  await wakeAll(users);
  await env.DB.prepare('UPDATE users SET credits = 77').run();
  const visits = noteVisits();
  const ten = withUsers(10);
  for (let run = 1; run <= 3; run++) await reconcileRound(ten);
  expect([...new Set(visits)].toSorted()).toEqual(idsOf(users));
  expect(await d1('SELECT 1 FROM users WHERE credits = 77')).toEqual([]);
  expect(await roundOf()).toMatchObject({ user_id: null, begun_at: Date.now() });
  visits.length = 0;
  await reconcileRound(ten);
  expect(visits).toEqual([]);
  pass(DAY);
  await reconcileRound(ten);
  expect(visits).toHaveLength(10);
});

test('a run that is killed costs its page: the next goes on after the page before', { timeout: 30_000 }, async () => {
  const users = await someUsers();
  await wakeAll(users);
  const prepare = env.DB.prepare.bind(env.DB);
  let pages = 0;
  vi.spyOn(env.DB, 'prepare').mockImplementation((query) => {
    if (query.includes('AS billed') && ++pages === 2) throw new Error('killed');
    return prepare(query);
  });
  await expect(reconcileRound(withUsers(30))).rejects.toThrow('killed');
  const visits = noteVisits();
  await reconcileRound(withUsers(30));
  expect(visits).toEqual(idsOf(users).slice(10));
  expect(await roundOf()).toMatchObject({ user_id: null });
});

test('a user at whom every run is killed is passed over, and all others are visited', { timeout: 30_000 }, async () => {
  const users = await someUsers();
  await wakeAll(users);
  const poison = idsOf(users)[4] ?? '';
  const { get } = env.USER_LIMITER;
  const id = env.USER_LIMITER.idFromName(poison).toString();
  let killed = 0;
  vi.spyOn(env.USER_LIMITER, 'get').mockImplementation((asked) => {
    if (asked.toString() !== id) return Reflect.apply(get, env.USER_LIMITER, [asked]) as ReturnType<typeof get>;
    killed++;
    // As when the invocation is killed: nothing that it waits for comes.
    return { review: () => new Promise(() => undefined) } as never;
  });
  const visits = noteVisits();
  for (let run = 0; run < 20 && (run === 0 || (await roundOf())?.user_id !== null); run++) {
    await Promise.race([reconcileRound(withUsers(30)), scheduler.wait(400)]);
  }
  expect(new Set(visits)).toEqual(new Set(idsOf(users)));
  expect(killed).toBeLessThanOrEqual(10);
  expect(await roundOf()).toMatchObject({ user_id: null });
});

test('two runs at once notice each other: one stops, and the round is whole', { timeout: 30_000 }, async () => {
  const users = await someUsers();
  await wakeAll(users);
  const visits = noteVisits();
  await Promise.all([reconcileRound(withUsers(30)), reconcileRound(withUsers(30))]);
  expect(visits.toSorted()).toEqual(idsOf(users));
  expect(await roundOf()).toMatchObject({ user_id: null });
});

test('a user with many jobs is gone on with where he was left, and jobs that are gone are not asked again', {
  timeout: 30_000,
}, async () => {
  const user = await signUp();
  const other = await signUp();
  await wakeAll([user, other]);
  const ids = Array.from({ length: 2_300 }, (_, n) => env.JOB_COORDINATOR.idFromName(`gone-${n}`).toString());
  await runInDurableObject(userObject(user.userId), (_, { storage }) => {
    for (const id of ids) {
      storage.sql.exec(
        `INSERT INTO receipt (job_id, amount, preset, created_at, settled_at, charged, outcome) VALUES (?, 1, 'interior', 0, 0, 0, '{}')`,
        id,
      );
    }
  });
  let asked = 0;
  const job = { project: async () => false, attend: async () => ({ gone: true }) };
  vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementation(() => {
    asked++;
    return job as never;
  });
  const visits = noteVisits();
  let runs = 0;
  do await reconcileRound(withUsers(10));
  while ((await roundOf())?.user_id !== null && ++runs < 20);
  expect(asked).toBe(ids.length);
  expect(visits).toContain(other.userId);
  asked = 0;
  pass(DAY);
  do await reconcileRound(withUsers(10));
  while ((await roundOf())?.user_id !== null && ++runs < 40);
  expect(asked).toBe(0);
  expect(await sqlIn(userObject(user.userId), 'SELECT count(*) AS n FROM receipt WHERE gone_at IS NULL')).toEqual([
    { n: 0 },
  ]);
});

test('an ended job whose alarm was lost is found by the round, with no caller, and deletes its photos', async () => {
  const user = await signUp();
  const { jobId } = await doneJob(user, 1);
  await wake(userObject(user.userId));
  await runInDurableObject(jobObject(jobId), (_, { storage }) => storage.deleteAlarm());
  await evictDurableObject(jobObject(jobId));
  pass(2 * DAY);
  let set = 0;
  await runInDurableObject(userObject(user.userId), (_, { storage }) => {
    const own = Object.getPrototypeOf(storage) as DurableObjectStorage;
    const { setAlarm } = own;
    vi.spyOn(own, 'setAlarm').mockImplementation(function (this: DurableObjectStorage, ...args) {
      set++;
      return Reflect.apply(setAlarm, this, args) as Promise<void>;
    });
  });
  await reconcileRound(env);
  expect(set).toBe(1);
  vi.restoreAllMocks();
  expect((await inspect(jobId)).nextAlarm).not.toBeNull();
});

test('a user whose object cannot be read is named, and keeps nobody else from being visited', async () => {
  const [broken, sound] = [await signUp(), await signUp()];
  await wakeAll([broken, sound]);
  await sqlIn(userObject(broken.userId), "UPDATE account SET live = '['");
  await evictDurableObject(userObject(broken.userId));
  await env.DB.prepare('UPDATE users SET credits = 77').run();
  pass(MINUTE);
  await reconcileRound(env);
  expect(await d1('SELECT id FROM users WHERE credits = 77')).toEqual([{ id: broken.userId }]);
  expect(await roundOf()).toMatchObject({ user_id: null });
});

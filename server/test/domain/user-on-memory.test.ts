/**
 * The parts of a user's object, and the ceilings, on memory: what they need is a few functions, so no platform is in the way. What they do
 * is shown by the tests of the objects; here, that they run as they are.
 */
import { expect, test } from 'vitest';
import type { Lowering } from '../../src/domain/allowance.ts';
import type { DispatchClaim, Used } from '../../src/domain/ceilings.ts';
import { type Hold, openedWith, type Settle } from '../../src/domain/ledger.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { Ceilings, type CeilingsKept } from '../../src/durable-objects/user-limiter/ceilings.ts';
import { type ClaimPorts, PhotoClaims } from '../../src/durable-objects/user-limiter/claims.ts';
import { type HoldPorts, Holds } from '../../src/durable-objects/user-limiter/holds.ts';
import type { User } from '../../src/durable-objects/user-limiter/state.ts';

const T0 = Date.UTC(2030, 0, 1, 12);
const DAY = 86_400_000;

/** The ceilings' object on memory, as long as it needs no addresses and no devices. */
function ceilingsOnMemory(photos: number) {
  const claims = new Map<string, number>();
  const days = new Map<number, Used>();
  const used = (day: number) => days.get(day) ?? { credits: 0, photos: 0 };
  const claimed = (key: string, day: number) => claims.get(`${day} ${key}`) ?? null;
  const kept: CeilingsKept = {
    transaction: (write) => write(),
    used,
    saveUsed: (day, now) => void days.set(day, now),
    giveBackPhotos: (day, less) => void days.set(day, { ...used(day), photos: used(day).photos - less }),
    claimed,
    lastClaimed: (key, day, before) => claimed(key, day) ?? claimed(key, before),
    insertClaim: (day, key, amount) => void claims.set(`${day} ${key}`, amount),
    lowerClaim: (day, key, amount) => void claims.set(`${day} ${key}`, amount),
    forgetDays: () => 0,
    deviceOwner: () => null,
    saveDevice: () => {},
    givenTo: () => 0,
    saveGivenTo: () => {},
    forgetAddresses: () => {},
  };
  const limits = () => ({ credits: 100, addressCredits: 50, photos });
  return { ceilings: new Ceilings({ now: () => T0, limits, kept }), used: () => used(Math.floor(T0 / DAY)) };
}

/** One user on memory, with his holds and claims, and a clock of the test's. */
function userOnMemory(photos = 100) {
  const { ceilings, used } = ceilingsOnMemory(photos);
  const receipts = new Map<string, Hold>();
  const alive = new Set<string>();
  const world = { now: T0, alarm: Number.POSITIVE_INFINITY, ceilingsAnswer: true };
  let user: User = {
    userId: 'usr_memory',
    account: openedWith(),
    deviceHash: null,
    createdAt: T0,
    sessionEpoch: 0,
    live: [],
    recent: [],
    more: {},
  };
  const save = (change: Partial<User>) => {
    user = { ...user, ...change };
  };
  const wakeBy = async (time: number) => {
    world.alarm = Math.min(world.alarm, time);
    return true;
  };
  const asked = async <T>(answer: () => T) => {
    if (!world.ceilingsAnswer) throw new Error('away');
    return answer();
  };
  const has = {
    now: () => world.now,
    user: () => user,
    saveLive: (live: readonly Hold[]) => save({ live: [...live] }),
    saveMore: (more: User['more']) => save({ more }),
    wakeBy,
  };
  const claimPorts: ClaimPorts = {
    ...has,
    allowanceOf: () => ({ dailyJobs: 9, dailyUnpaidPhotos: 20, hourlyQueries: 9, dailyRuleChanges: 9 }),
    claimDispatch: (claim: DispatchClaim) => asked(() => ceilings.dispatch(claim)),
    lowerDispatch: (owed: Lowering[]) => asked(() => ceilings.lower(owed)),
    delayMs: () => 2_000,
  };
  const claims = new PhotoClaims(claimPorts);
  const holdPorts: HoldPorts = {
    ...has,
    receipt: (jobId) => receipts.get(jobId) ?? null,
    saveAccount: (account, { live, recent, more }) => save({ account, live, recent, more }),
    saveSettled: (before, account, hold) => {
      receipts.set(hold.jobId, hold);
      const live = before.live.filter(({ jobId }) => jobId !== hold.jobId);
      save({ ...before, account, live, recent: [{ jobId: hold.jobId, createdAt: hold.createdAt }] });
    },
    opened: async () => ok(null),
    admitted: () => ok(user),
    jobCreated: () => ok(user.more),
    claimSettled: (before: User, hold: Hold, command: Settle) => claims.claimSettled(before, hold, command),
    tellCeilings: () => claims.tellCeilings(),
    jobLives: async (jobId) => alive.has(jobId),
    limits: () => ({ checkMs: 120_000, createdMs: 3_600_000 }),
    restoreAlarm: async () => true,
  };
  return { holds: new Holds(holdPorts), claims, world, alive, used, credits: () => user.account };
}

const order = (jobId: string, amount: number) => ({ jobId, amount, preset: 'interior' as const });
const outcome = { status: 'done' as const, done: 3, failed: 1 };

test('a hold is set aside, found again, settled once, and makes room for the next', async () => {
  const { holds, credits, world } = userOnMemory();
  expect(await holds.reserve(null, order('a', 4))).toEqual(ok({ settled: false }));
  expect(await holds.reserve(null, order('a', 4))).toEqual(ok({ settled: false }));
  expect(credits()).toMatchObject({ balance: 6, held: 4 });
  expect(world.alarm).toBe(T0 + 120_000);
  expect(await holds.reserve(null, order('b', 2))).toMatchObject({ refusal: { code: 'CONCURRENCY_LIMIT' } });
  for (let time = 0; time < 2; time++) {
    expect(holds.settle({ jobId: 'a', charged: 3, outcome })).toMatchObject(ok({ credits: 7 }));
  }
  expect(await holds.reserve(null, order('a', 4))).toEqual(ok({ settled: true }));
  expect(await holds.reserve(null, order('b', 2))).toEqual(ok({ settled: false }));
  expect(credits()).toMatchObject({ balance: 5, held: 2, spent: 3, granted: 10 });
});

test('a hold whose job never came to be returns, one whose job lives stays', async () => {
  const { holds, credits, world, alive } = userOnMemory();
  await holds.reserve(null, order('a', 4));
  alive.add('a');
  world.now += 120_000;
  await holds.check();
  expect(credits()).toMatchObject({ balance: 6, held: 4 });
  expect(holds.dueTimes()).toEqual([world.now + 3_600_000]);
  alive.clear();
  await holds.recheck('a');
  expect(credits()).toMatchObject({ balance: 10, held: 0 });
});

test('a claim counts once, is refused as a value while the ceilings are away, and what was not sent is given back', async () => {
  const { holds, claims, world, used } = userOnMemory();
  await holds.reserve(null, order('a', 4));
  world.ceilingsAnswer = false;
  const claim = () => claims.claim({ jobId: 'a', photos: 4 });
  expect(await claim()).toEqual(refuse('SERVICE_UNAVAILABLE', expect.any(String), { settings: [] }));
  expect(used().photos).toBe(0);
  world.ceilingsAnswer = true;
  expect(await Promise.all([claim(), claim()])).toEqual([ok(null), ok(null)]);
  expect(await claim()).toEqual(ok(null));
  expect(used().photos).toBe(4);
  holds.settle({ jobId: 'a', charged: 1, outcome, sent: 1 });
  await claims.work();
  expect(used().photos).toBe(1);
  expect(claims.dueTimes()).toEqual([]);
});

test('beyond the ceiling nobody is let through', async () => {
  const { holds, claims } = userOnMemory(3);
  await holds.reserve(null, order('a', 4));
  expect(await claims.claim({ jobId: 'a', photos: 4 })).toMatchObject({ refusal: { code: 'CEILING_REACHED' } });
});

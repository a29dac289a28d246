/** The day's allowance: what counts, until when it is refused, and that no order of calls takes more than was paid and the limit. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Allowance,
  bookClaim,
  claimPhotos,
  countJob,
  countQuery,
  countRuleChange,
  type DayUse,
  type PhotoClaim,
  untilOf,
  usedBy,
} from '../../src/domain/allowance.ts';
import { dayOf } from '../../src/domain/ceilings.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIDNIGHT = Date.UTC(2030, 0, 1);
const TODAY = dayOf(MIDNIGHT);
const LIMITS: Allowance = { dailyJobs: 2, dailyUnpaidPhotos: 20, hourlyQueries: 2, dailyRuleChanges: 2 };
const fresh = (now = MIDNIGHT) => usedBy(undefined, now);

describe('what is used', () => {
  test('begins anew at midnight UTC, and queries with each hour', () => {
    const use: DayUse = { ...fresh(), jobs: 2, ruleChanges: 1, unpaid: 5, queries: 2 };
    expect(usedBy(use, MIDNIGHT + HOUR - 1)).toEqual(use);
    expect(usedBy(use, MIDNIGHT + HOUR)).toEqual({ ...use, hour: use.hour + 1, queries: 0 });
    expect(usedBy(use, MIDNIGHT + DAY)).toEqual(fresh(MIDNIGHT + DAY));
  });

  test('is not given back by a clock that goes back', () => {
    const use: DayUse = { ...fresh(), jobs: 2, queries: 2 };
    expect(usedBy(use, MIDNIGHT - 1)).toEqual(use);
  });
});

describe('jobs, rule changes and queries', () => {
  test.for([
    ['jobs', countJob, MIDNIGHT + DAY, 86_400],
    ['rule changes', countRuleChange, MIDNIGHT + DAY, 86_400],
    ['queries', countQuery, MIDNIGHT + HOUR, 3_600],
  ] as const)('of a plan with two %s the third is RATE_LIMITED, and told when it goes on', ([
    ,
    count,
    end,
    seconds,
  ]) => {
    const now = MIDNIGHT;
    const one = count(fresh(), LIMITS, now);
    const two = one.ok ? count(one.value, LIMITS, now) : one;
    if (!two.ok) throw new Error('was refused too early');
    const until = new Date(end).toISOString();
    const refused = count(two.value, LIMITS, now);
    expect(refused).toMatchObject({
      ok: false,
      refusal: { code: 'RATE_LIMITED', details: { retryAfterSeconds: seconds, until } },
    });
    expect(refused.ok ? '' : refused.refusal.message).toContain(until);
    expect(count(usedBy(two.value, end), LIMITS, end).ok).toBe(true);
  });
});

describe('photos', () => {
  const claim = (use: DayUse, others: PhotoClaim[], standing: PhotoClaim | undefined, photos: number) =>
    claimPhotos(use, others, standing, photos, LIMITS);

  test('in flight count in full, together with what was sent and not charged', () => {
    const use = { ...fresh(), unpaid: 8 };
    const others = [
      { day: TODAY, photos: 2 },
      { day: TODAY - 1, photos: 10 },
    ];
    expect(claim(use, others, undefined, 10)).toEqual({ ok: true, value: { day: TODAY, photos: 10 } });
    expect(claim(use, others, undefined, 11)).toMatchObject({
      ok: false,
      refusal: { code: 'ALLOWANCE_EXHAUSTED', details: { limit: 20, until: untilOf(TODAY) } },
    });
  });

  test.for([
    [TODAY, true],
    [TODAY - 1, true],
    [TODAY - 2, false],
  ] as const)('of a claim of day %i are counted once: %s', ([day, stands]) => {
    const standing = { day, photos: 10 };
    const claimed = claim({ ...fresh(), unpaid: 20 }, [], standing, 10);
    expect(claimed.ok && claimed.value === standing).toBe(stands);
  });

  test.for([
    ['canceled before anything was sent', 0, 0, 5, 0],
    ['charged in full', 10, 10, 5, null],
    ['sent and canceled', 10, 0, 15, null],
    ['sent in part', 4, 3, 6, 4],
    ['sent three times, and charged', 30, 10, 25, null],
    ['charged though nobody counted what was sent', 0, 10, 5, null],
  ] as const)('of a job that was %s', ([, sent, charged, unpaid, reached]) => {
    const booked = bookClaim({ ...fresh(), unpaid: 5 }, 'job', { day: TODAY, photos: 10 }, { sent, charged });
    expect(booked.use.unpaid).toBe(unpaid);
    expect(booked.lowering).toEqual(reached === null ? null : { jobId: 'job', day: TODAY, reached });
  });

  test('of yesterday settle without counting today, and lower the day on which they were claimed', () => {
    const booked = bookClaim(fresh(), 'job', { day: TODAY - 1, photos: 10 }, { sent: 2, charged: 0 });
    expect(booked.use).toEqual(fresh());
    expect(booked.lowering).toEqual({ jobId: 'job', day: TODAY - 1, reached: 2 });
  });
});

/** One account and the ceiling of each day, over any sequence of what it may do. */
describe('over any sequence of calls of one account', () => {
  const step = fc.record({
    kind: fc.constantFrom('claim' as const, 'settle' as const, 'midnight' as const),
    job: fc.nat(7),
    photos: fc.integer({ min: 1, max: 12 }),
    tries: fc.nat(3),
    charged: fc.nat(12),
  });

  test('a day has never more photos claimed than were charged, and the limit', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let now = MIDNIGHT;
        let use = fresh();
        const live = new Map<number, PhotoClaim>();
        const claimed = new Map<number, number>();
        const paid = new Map<number, number>();
        const add = (sums: Map<number, number>, day: number, amount: number) =>
          sums.set(day, (sums.get(day) ?? 0) + amount);
        for (const { kind, job, photos, tries, charged } of steps) {
          use = usedBy(use, now);
          const standing = live.get(job);
          if (kind === 'midnight') now += DAY;
          else if (kind === 'claim') {
            const others = [...live].flatMap(([other, claim]) => (other === job ? [] : [claim]));
            const granted = claimPhotos(use, others, standing, photos, LIMITS);
            if (!granted.ok) continue;
            if (granted.value !== standing) {
              if (standing !== undefined) add(claimed, standing.day, -standing.photos);
              add(claimed, granted.value.day, granted.value.photos);
            }
            live.set(job, granted.value);
          } else if (standing !== undefined) {
            const sent = tries * standing.photos;
            const pays = Math.min(charged, sent, standing.photos);
            const booked = bookClaim(use, String(job), standing, { sent, charged: pays });
            use = booked.use;
            live.delete(job);
            add(paid, standing.day, pays);
            if (booked.lowering !== null) {
              expect(booked.lowering.day).toBe(standing.day);
              add(claimed, standing.day, booked.lowering.reached - standing.photos);
            }
          }
          for (const [day, sum] of claimed) {
            expect(sum).toBeGreaterThanOrEqual(0);
            expect(sum).toBeLessThanOrEqual((paid.get(day) ?? 0) + LIMITS.dailyUnpaidPhotos);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

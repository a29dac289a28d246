/** Credits: no sequence of commands makes or loses one, repeats change nothing, and limits refuse by name. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlanId } from '../../src/contract/user.ts';
import {
  type Account,
  admission,
  grant,
  type Hold,
  newAccount,
  type Outcome,
  reserve,
  settle,
  takingSlots,
} from '../../src/domain/ledger.ts';
import { limitsOf, PLANS } from '../../src/domain/plans.ts';
import { takeRuleSlot } from '../../src/domain/rule-slots.ts';

const NOW = 1_000;
const OUTCOME: Outcome = { status: 'done', done: 1, failed: 0 };
const order = (jobId: string, amount: number, checkAt = 5_000) => ({
  jobId,
  amount,
  preset: 'interior' as const,
  checkAt,
});
const funded = (plan: PlanId, credits: number): Account => grant(newAccount(plan), credits);

type Command =
  | { kind: 'grant'; amount: number }
  | { kind: 'reserve'; job: number; amount: number }
  | { kind: 'settle'; job: number; share: number };
type Books = { account: Account; holds: Map<string, Hold> };

const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('grant'), amount: fc.nat(50) }),
    fc.record({ kind: fc.constant('reserve'), job: fc.nat(5), amount: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ kind: fc.constant('settle'), job: fc.nat(5), share: fc.nat(12) }),
  ),
  { minLength: 1, maxLength: 40, size: 'max' },
);

/** Does what the user's object does: looks the hold up, decides, and stores what was decided. */
function obey(books: Books, command: Command): Books {
  if (command.kind === 'grant') return { ...books, account: grant(books.account, command.amount) };
  const jobId = `job-${command.job}`;
  const hold = books.holds.get(jobId) ?? null;
  const live = [...books.holds.values()].flatMap((known) => (known.settledAt === null ? [known.jobId] : []));
  if (command.kind === 'reserve') {
    const reserved = reserve(books.account, live, hold, order(jobId, command.amount), NOW);
    return reserved.ok ? stored(books, reserved.value) : books;
  }
  if (hold === null) return books;
  const charged = Math.min(command.share, hold.amount);
  const settled = settle(books.account, hold, { jobId, charged, outcome: OUTCOME }, NOW);
  return settled.ok ? stored(books, settled.value) : books;
}

const stored = ({ holds }: Books, { account, hold }: { account: Account; hold: Hold }): Books => ({
  account,
  holds: new Map(holds).set(hold.jobId, hold),
});

function everyStep(rule: (before: Books, after: Books, command: Command) => void): void {
  const plan = fc.constantFrom<PlanId>('free', 'pro');
  fc.assert(
    fc.property(plan, commands, (id, list) => {
      let books: Books = { account: funded(id, PLANS[id].credits), holds: new Map() };
      for (const command of list) {
        const next = obey(books, command);
        rule(books, next, command);
        books = next;
      }
    }),
    { numRuns: 500 },
  );
}

describe('under any sequence of grants, reservations and settlements', () => {
  test('balance + held + spent = granted, and none of them is negative', () => {
    everyStep((_, { account: { balance, held, spent, granted } }) => {
      expect(balance + held + spent).toBe(granted);
      expect(Math.min(balance, held, spent)).toBeGreaterThanOrEqual(0);
    });
  });

  test('what is held is the sum of live holds, and what is spent that of charges', () => {
    everyStep((_, { account, holds }) => {
      const all = [...holds.values()];
      const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
      expect(account.held).toBe(sum(all.flatMap(({ settledAt, amount }) => (settledAt === null ? [amount] : []))));
      expect(account.spent).toBe(sum(all.map(({ charged }) => charged ?? 0)));
    });
  });

  test('live jobs are never more than the plan allows, nor larger', () => {
    everyStep((_, { account, holds }) => {
      const { activeJobs, photosPerJob } = PLANS[account.plan];
      expect([...holds.values()].filter(({ settledAt }) => settledAt === null).length).toBeLessThanOrEqual(activeJobs);
      for (const { amount } of holds.values()) expect(amount).toBeLessThanOrEqual(photosPerJob);
    });
  });

  test('any command given twice in a row does nothing the second time, grants excepted', () => {
    everyStep((_, after, command) => {
      if (command.kind !== 'grant') expect(obey(after, command)).toEqual(after);
    });
  });

  test('the version grows exactly when D1 has to follow: when granted - spent may have changed', () => {
    everyStep(({ account: before }, { account: after }) => {
      expect(after.version).toBeGreaterThanOrEqual(before.version);
      if (after.granted - after.spent !== before.granted - before.spent) {
        expect(after.version).toBeGreaterThan(before.version);
      }
    });
  });
});

describe('reserve', () => {
  const first = reserve(funded('pro', 20), [], null, order('j1', 5), NOW);
  if (!first.ok) throw new Error('the first reservation was refused');
  const { account, hold } = first.value;

  test('sets one credit a photo aside', () => {
    expect(account).toMatchObject({ balance: 15, held: 5, spent: 0, granted: 20 });
    expect(hold).toMatchObject({ jobId: 'j1', amount: 5, checkAt: 5_000, settledAt: null, charged: null });
    expect(takingSlots([hold])).toEqual(['j1']);
  });

  test('again for the same job changes nothing, even when no slot and no credit is left by now', () => {
    const again = reserve({ ...account, balance: 0 }, ['a', 'b', 'j1'], hold, order('j1', 5, 9_999), NOW + 1);
    expect(again).toEqual({ ok: true, value: { account: { ...account, balance: 0 }, hold, changed: false } });
  });

  test.each([
    ['photos', order('j1', 6)],
    ['preset', { ...order('j1', 5), preset: 'seller' as const }],
  ])('again under the same key with another number of %s is IDEMPOTENCY_CONFLICT', (_, command) => {
    expect(reserve(account, ['j1'], hold, command, NOW)).toMatchObject({
      ok: false,
      refusal: { code: 'IDEMPOTENCY_CONFLICT', details: { field: 'idempotencyKey' } },
    });
  });
});

describe('settle', () => {
  const reserved = reserve(funded('pro', 20), [], null, order('j1', 5), NOW);
  if (!reserved.ok) throw new Error('the reservation was refused');
  const pay = (charged: number, { account, hold } = reserved.value) =>
    settle(account, hold, { jobId: 'j1', charged, outcome: OUTCOME }, NOW + 1);
  const paid = pay(3);
  if (!paid.ok) throw new Error('settling was refused');

  test('spends what is charged, returns the rest and frees the slot', () => {
    expect(paid.value.account).toMatchObject({ balance: 17, held: 0, spent: 3, granted: 20 });
    expect(paid.value.hold).toMatchObject({ settledAt: NOW + 1, charged: 3, checkAt: null, outcome: OUTCOME });
    expect(takingSlots([paid.value.hold])).toEqual([]);
  });

  test('after the slot was freed charges the same: only the slot is free, and the credits are not', () => {
    const ended = { ...reserved.value, hold: { ...reserved.value.hold, slotFree: true } };
    expect(takingSlots([ended.hold])).toEqual([]);
    expect(pay(3, ended)).toEqual(paid);
  });

  test('again with the same charge changes nothing', () => {
    expect(pay(3, paid.value)).toEqual({ ok: true, value: { ...paid.value, changed: false } });
  });

  test('again with another charge is IDEMPOTENCY_CONFLICT: the first one stands', () => {
    expect(pay(2, paid.value)).toMatchObject({
      ok: false,
      refusal: { code: 'IDEMPOTENCY_CONFLICT', details: { field: 'charged' } },
    });
  });

  test.each([-1, 6])('of %d for a hold of 5 is a bug, and throws', (charged) => {
    expect(() => pay(charged)).toThrow('cannot be charged');
  });
});

describe('limits', () => {
  test.each([
    ['free', { credits: 10, activeJobs: 1, ruleSlots: 2, photosPerJob: 10 }],
    ['pro', { credits: 200, activeJobs: 3, ruleSlots: 20, photosPerJob: 200 }],
  ] as const)('of the %s plan are those of the contract', (plan, limits) => {
    expect(PLANS[plan]).toEqual(limits);
    const { credits: _, ...shown } = limits;
    expect(limitsOf(plan)).toEqual({ ...shown, photoBytes: 25_000_000 });
  });

  test.each(['free', 'pro'] as const)('ITEM_LIMIT comes with the first photo beyond those of the %s plan', (plan) => {
    const limit = PLANS[plan].photosPerJob;
    expect(admission(funded(plan, 1_000), [], limit)).toEqual({ ok: true, value: null });
    expect(admission(funded(plan, 1_000), [], limit + 1)).toMatchObject({
      ok: false,
      refusal: { code: 'ITEM_LIMIT', details: { field: 'photos', limit, actual: limit + 1 } },
    });
  });

  test.each(['free', 'pro'] as const)('CONCURRENCY_LIMIT names the live jobs of the %s plan', (plan) => {
    const limit = PLANS[plan].activeJobs;
    const live = Array.from({ length: limit }, (_, n) => `job-${n}`);
    expect(admission(funded(plan, 10), live.slice(1), 1).ok).toBe(true);
    expect(admission(funded(plan, 10), live, 1)).toMatchObject({
      ok: false,
      refusal: { code: 'CONCURRENCY_LIMIT', details: { limit, activeJobs: live } },
    });
  });

  test('CREDITS_EXHAUSTED tells what is needed and what is left; the last credit can be spent', () => {
    expect(admission(funded('free', 4), [], 4).ok).toBe(true);
    expect(admission(funded('free', 3), [], 4)).toMatchObject({
      ok: false,
      refusal: { code: 'CREDITS_EXHAUSTED', details: { needed: 4, balance: 3 } },
    });
  });

  test('credits that are held cannot be spent again', () => {
    const held = reserve(funded('pro', 5), [], null, order('j1', 4), NOW);
    if (!held.ok) throw new Error('the reservation was refused');
    expect(reserve(held.value.account, ['j1'], null, order('j2', 2), NOW)).toMatchObject({
      ok: false,
      refusal: { code: 'CREDITS_EXHAUSTED', details: { needed: 2, balance: 1 } },
    });
  });

  test('what can never work is told first: too many photos, then no slot, then no credits', () => {
    const codes = [
      admission(funded('free', 0), ['j1'], 11),
      admission(funded('free', 0), ['j1'], 10),
      admission(funded('free', 0), [], 10),
    ].map((admitted) => (admitted.ok ? 'ok' : admitted.refusal.code));
    expect(codes).toEqual(['ITEM_LIMIT', 'CONCURRENCY_LIMIT', 'CREDITS_EXHAUSTED']);
  });

  test.each(['free', 'pro'] as const)('RULE_SLOT_FULL comes when the %s plan keeps no more rules', (plan) => {
    const limit = PLANS[plan].ruleSlots;
    expect(takeRuleSlot(plan, limit - 1).ok).toBe(true);
    expect(takeRuleSlot(plan, limit)).toMatchObject({
      ok: false,
      refusal: { code: 'RULE_SLOT_FULL', details: { limit } },
    });
    // A downgraded user may keep more than the plan allows, and gets no new one.
    expect(takeRuleSlot(plan, limit + 5).ok).toBe(false);
  });
});

describe('a refusal says what there is', () => {
  const wordsOf = (result: ReturnType<typeof admission> | ReturnType<typeof reserve> | ReturnType<typeof settle>) =>
    result.ok ? null : result.refusal.message;
  const hold = () => {
    const reserved = reserve(funded('free', 10), [], null, order('j', 3), NOW);
    if (!reserved.ok) throw new Error(reserved.refusal.message);
    return reserved.value;
  };

  test('of photos, jobs, credits and rules', () => {
    expect(wordsOf(admission(funded('free', 50), [], 11))).toBe(
      'photos: the free plan takes at most 10 photos a job, not 11',
    );
    expect(wordsOf(admission(funded('free', 50), ['a'], 1))).toBe('the free plan runs 1 job(s) at a time');
    expect(wordsOf(admission(funded('free', 2), [], 3))).toBe('3 credits are needed, 2 are left');
    const slot = takeRuleSlot('free', 2);
    expect(slot.ok ? null : slot.refusal.message).toBe('the free plan keeps 2 rules');
  });

  test('of a key that was used, and of a charge that stands', () => {
    const { account, hold: kept } = hold();
    expect(wordsOf(reserve(account, [], kept, order('j', 4), NOW))).toBe(
      'idempotencyKey: was used for a job with other photos or another preset',
    );
    const paid = settle(account, kept, { jobId: 'j', charged: 1, outcome: OUTCOME }, NOW);
    if (!paid.ok) throw new Error(paid.refusal.message);
    expect(
      wordsOf(settle(paid.value.account, paid.value.hold, { jobId: 'j', charged: 2, outcome: OUTCOME }, NOW)),
    ).toBe('charged: the job was settled at 1 credits');
  });

  test('a new hold takes a slot, a settled one never', () => {
    const { hold: kept, changed } = hold();
    expect(changed).toBe(true);
    expect(
      takingSlots([kept, { ...kept, jobId: 'k', settledAt: NOW }, { ...kept, jobId: 'l', slotFree: true }]),
    ).toEqual(['j']);
  });
});

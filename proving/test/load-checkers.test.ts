import type { Job, Receipt, S3Client } from '@s3-workers/client-sdk';
import { describe, expect, test } from 'vitest';
import type { AdminJob, ReconcileReport } from '../../server/src/contract/admin.ts';
import type { RanJob } from '../load/client-job.ts';
import { Reports } from '../load/gpu/reports.ts';
import { Tally } from '../load/tally.ts';
import type { User } from '../load/users.ts';
import { figuresOf, reconcileAll } from '../load/verify/all.ts';
import { untilQuiet } from '../load/verify/effects.ts';
import { lookAtAll, lookAtJobs } from '../load/verify/look.ts';
import { checkTold } from '../load/verify/told.ts';
import { ALWAYS, AT_REST, broken, ONCE_TOLD, TIDY, told } from '../world/promises.ts';

describe('the load run', () => {
  const item = (idx: number, status: Job['items'][number]['status'] = 'done', more: object = {}) => ({
    idx,
    status,
    ...(status === 'done' ? { resultUrl: 'https://r2.test/x' } : {}),
    ...more,
  });
  const job = (change: object = {}): Job =>
    ({
      jobId: 'j',
      status: 'done',
      charged: 2,
      progress: { done: 2, failed: 0, total: 2 },
      items: [item(0), item(1)],
      ...change,
    }) as Job;
  const ran = (canceled: RanJob['canceled'] = null): RanJob => ({
    planned: {
      ordinal: 0,
      user: 0,
      preset: 'interior',
      photos: [0, 1],
      cancel: null,
      doubled: false,
      masks: false,
      idempotencyKey: 'k',
    },
    jobId: 'j',
    canceled,
  });
  const looked = async (seen: Job, one = ran(), report?: string): Promise<string> => {
    const tally = new Tally();
    const reports = new Reports(tally);
    const said = new Map([[0, 'done' as const]]);
    if (report !== undefined) reports.take('j', said, report);
    const client = { jobs: { get: async () => seen } } as unknown as S3Client;
    const shown = await lookAtJobs([one], [{ userId: 'u', client, given: new Map() }]);
    for (const { job, ran } of shown) checkTold(job, ran, reports, tally);
    const look = await lookAtAll([], shown, new Set(['j']), new Set());
    return [...tally.problems(), ...broken(look, ALWAYS).map(told)].join('\n');
  };
  const accepted = JSON.stringify({ data: { items: [{ idx: 0, outcome: 'accepted' }] } });

  test('finds nothing wrong with a job that is right', async () => {
    expect(await looked(job(), ran(), accepted)).toBe('');
  });

  const failed = (error: string) =>
    job({ charged: 1, progress: { done: 1, failed: 1, total: 2 }, items: [item(0), item(1, 'failed', { error })] });
  test.each<[string, Job, RanJob]>([
    ['the charge is one credit for each photo that is done', job({ charged: 1 }), ran()],
    ['a job counts other photos as done than it shows', job({ progress: { done: 1, failed: 0, total: 2 } }), ran()],
    ['a photo is pending though its job has ended', job({ items: [item(0), item(1, 'pending')] }), ran()],
    ['a job was canceled by nobody', job({ status: 'canceled' }), ran()],
    ['a job has lost photos', job({ items: [item(0)] }), ran()],
    ['a cancel was answered with another charge', job({ status: 'canceled' }), ran({ charged: 1, refunded: 1 })],
    ['a canceled job ended otherwise', job(), ran({ charged: 2, refunded: 0 })],
    ['(j: done with 0 done)', job({ charged: 0, items: [item(0, 'failed'), item(1, 'failed')] }), ran()],
    ['(j: failed with 2 done)', job({ status: 'failed' }), ran()],
    ['a done photo has no result to fetch', job({ items: [item(0), { idx: 1, status: 'done' }] }), ran()],
    ['a photo failed for a reason that should not occur', failed('the result is not in storage'), ran()],
  ])('tells when %s', async (problem, seen, one) => {
    expect(await looked(seen, one)).toContain(problem);
  });

  test('tells when a photo is not what was accepted, was accepted twice, or was never sent', async () => {
    expect(await looked(failed('dead letter: the GPU provider did not take the job'))).toBe('');
    expect(await looked(job({ items: [item(0, 'canceled'), item(1)] }), ran(), accepted)).toContain(
      'a photo is not what was accepted',
    );
    const tally = new Tally();
    const reports = new Reports(tally);
    const said = new Map([[0, 'done' as const]]);
    reports.take('j', said, accepted);
    reports.take('j', said, accepted);
    reports.take('j', said, accepted.replace('"idx":0', '"idx":1'));
    expect(tally.problems().join()).toMatch(/accepted twice.*answered for other photos/);
  });

  const receipt = (type: Receipt['type'], amount: number, ref = 'j', id = `charge:${ref}`): Receipt => ({
    id,
    type,
    amount,
    ref,
    createdAt: new Date(0),
  });
  const there = ['outputs/u/j/0_result.png', 'outputs/u/j/1_result.png', 'previews/u/j/0_thumb.jpg'];
  const ledger = async (credits: object, receipts: Receipt[], activeJobs = 0, stored = there) => {
    const me = { activeJobs, plan: 'free', credits: { balance: 8, held: 0, spent: 2, granted: 10, ...credits } };
    const client = {
      user: { me: async () => me, ledger: async () => ({ receipts, nextCursor: null }) },
    } as unknown as S3Client;
    const users: User[] = [{ userId: 'u', client, given: new Map([['plan:free', 10]]) }];
    const look = await lookAtAll(users, [{ job: job(), ran: ran(), userId: 'u' }], new Set(), new Set(stored));
    const problems = broken(look, ALWAYS, ONCE_TOLD, AT_REST).map(told).join('\n');
    return { report: figuresOf(look), problems, leftOver: broken(look, TIDY).map(({ where }) => where) };
  };
  const right = [receipt('grant', 10, '', 'grant:u:plan:free'), receipt('charge', -2)];

  test('finds nothing wrong with a ledger that is right', async () => {
    const report = { difference: 0, doubleCharged: 0, held: 0 };
    expect(await ledger({}, right)).toEqual({ report, problems: '', leftOver: [] });
  });

  const eachOnce = /the receipts are the grants and the charges, each once/;
  test.each<[string, object, Receipt[], RegExp]>([
    ['balance + held + spent = granted', { balance: 9 }, right, /balance, held and spent add up .*9 \+ 0 \+ 2 ≠ 10/],
    [
      'granted is what was granted',
      { granted: 20, balance: 18 },
      right,
      /granted is what sign-up, plans and .*20, not 10/,
    ],
    ['spent is what the jobs were charged', { spent: 1, balance: 9 }, right, /spent what .*\[0,1\], not \[0,2\]/],
    ['receipts of grants', {}, right.slice(1), eachOnce],
    ['receipts of charges', {}, right.slice(0, 1), eachOnce],
    ['a charge twice', {}, [...right, receipt('charge', -2)], eachOnce],
    ['a charge of another amount', {}, [right[0] as Receipt, receipt('charge', -1)], eachOnce],
    ['credits that are held', { balance: 6, held: 2 }, right, /no credit is held .*2 held, 0 slots/],
  ])('tells of a ledger in which this is not so: %s', async (_, credits, receipts, problem) => {
    const { report, problems } = await ledger(credits, receipts);
    expect(problems).toMatch(problem);
    expect(report.difference + report.doubleCharged + report.held).toBeGreaterThan(0);
  });

  test('tells of a slot that is still taken', async () => {
    const { report, problems } = await ledger({}, right, 1);
    expect(report.held).toBe(1);
    expect(problems).toMatch(/no slot taken .*1 slots/);
  });

  test('tells of a result that is not in the bucket, and of what lies there for no done photo', async () => {
    const missing = (await ledger({}, right, 0, there.slice(1))).problems;
    expect(missing).toMatch(/the result of every photo that is done .*outputs\/u\/j\/0_result.png/);
    const strays = ['inputs/u/j/0.jpg', 'outputs/u/j/2_result.png', 'masks/other/j/0_Wall.png', 'masks/u/x/0_Wall.png'];
    expect((await ledger({}, right, 0, [...there, ...strays])).leftOver).toEqual(strays);
  });

  const adminJob = (status: string, ...pending: string[]) =>
    ({ jobId: 'j', status, pendingEffects: pending.map((name) => ({ name, tries: 0, due: 0 })) }) as AdminJob;
  test.each<[string, AdminJob, string[]]>([
    ['has ended', adminJob('done', 'cleanUp'), []],
    ['runs', adminJob('running'), ['j']],
    ['has ended and owes its settlement', adminJob('done', 'settle'), ['j']],
    ['has ended and owes its history', adminJob('canceled', 'flush'), ['j']],
  ])('tells whether a job is stuck that %s', async (_, seen, stuck) => {
    expect((await untilQuiet({ jobs: async (ids) => (ids.length > 0 ? [seen] : []) }, ['j'], -1)).stuck).toEqual(stuck);
  });

  test('tells where D1 differs from the objects, and of users that it does not know', async () => {
    const difference = { userId: 'u', field: 'credits', object: '8', d1: '9', repaired: true };
    const report = (differences: ReconcileReport['differences']) => async () => ({
      checked: 1,
      differences,
      nextCursor: null,
    });
    const tally = new Tally();
    expect(await reconcileAll({ reconcile: report([]) }, 1, tally)).toBe(0);
    expect(tally.problems()).toEqual([]);
    expect(await reconcileAll({ reconcile: report([difference]) }, 2, tally)).toBe(1);
    expect(tally.problems().join()).toMatch(/D1 differs.*D1 does not know every user: 1 of 2/);
  });
});

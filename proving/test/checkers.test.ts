/** What looks for faults sees them: one is planted for each thing that the fuzzer and the load run look at, and is told by its name. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Job, Receipt, S3Client } from '@s3-workers/client-sdk';
import { describe, expect, test } from 'vitest';
import type { AdminJob, ReconcileReport } from '../../server/src/contract/admin.ts';
import type { Case, Credential, TokenCase } from '../fuzz/case.ts';
import type { Crowd } from '../fuzz/crowd.ts';
import { send } from '../fuzz/send.ts';
import type { RanJob } from '../load/client-job.ts';
import { Reports } from '../load/gpu/reports.ts';
import { Tally } from '../load/tally.ts';
import type { User } from '../load/users.ts';
import { figuresOf, reconcileAll } from '../load/verify/all.ts';
import { untilQuiet } from '../load/verify/effects.ts';
import { lookAtAll, lookAtJobs } from '../load/verify/look.ts';
import { checkTold } from '../load/verify/told.ts';
import { faultsOf } from '../world/bundle/faults.ts';
import { Http, type Reply, replyOf } from '../world/bundle/http.ts';
import type { World } from '../world/bundle/world.ts';
import { ALWAYS, AT_REST, broken, ONCE_TOLD, TIDY, told } from '../world/promises.ts';

const LIVE = JSON.stringify([{ jobId: 'l', amount: 1, charged: null, outcome: null }]);

describe('the fuzzer', () => {
  const user = { userId: 'usr_me', token: 'h.p.s' };
  const call: Case = { kind: 'tRPC', path: 'user.me', type: 'query', caller: { user: 0 }, body: '{}' };
  const callback = (credential: Credential): Case => ({ kind: 'callback', job: 0, credential, body: '{}' });
  const token = (spoil: TokenCase['spoil'], claims = {}): Case => ({
    kind: 'token',
    user: 0,
    spoil,
    at: 0,
    text: 'x',
    claims,
  });

  /** What is said of a case that is answered with `reply`. */
  const said = async (one: Case, reply: Reply): Promise<string> => {
    const answer = async () => reply;
    const world = { send: answer, setting: () => 'a-secret', freshIp: () => '198.18.0.1', jobs: { report: answer } };
    const crowd = { named: (body: string) => body, user: () => user, job: () => ({ jobId: 'j', token: 'cb_token' }) };
    const sender = { world: world as unknown as World, crowd: crowd as unknown as Crowd, count: () => {} };
    return send(one, sender).then(
      () => 'nothing',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  };
  const refused = (status: number, code: string) => replyOf(status, {}, JSON.stringify({ error: { code } }));
  const me = (userId: string) => replyOf(200, {}, JSON.stringify({ result: { data: { json: { userId } } } }));

  test('takes refusals and answers for what they are', async () => {
    expect(await said(call, me('usr_me'))).toBe('nothing');
    expect(await said(call, refused(400, 'VALIDATION_ERROR'))).toBe('nothing');
    expect(await said(callback('none'), refused(401, 'AUTH_REQUIRED'))).toBe('nothing');
    expect(await said(callback('token'), replyOf(200, {}, '{}'))).toBe('nothing');
    expect(await said(token('secret'), refused(401, 'TOKEN_INVALID'))).toBe('nothing');
  });

  test.each([500, 502, 503, 0])('tells of an answer %i', async (status) => {
    expect(await said(call, refused(status, 'INTERNAL_ERROR'))).toContain(`it answered ${status}`);
  });

  test.each([
    'D1_ERROR: no such table',
    'SQLITE_CONSTRAINT',
    'Error\n    at route (index.js:1)',
    '"stack"',
    'INTERNAL_ERROR',
  ])('tells of an answer that shows our insides: %s', async (text) => {
    expect(await said(call, replyOf(400, {}, text))).toContain('shows internals');
  });

  test('tells of an answer that is no JSON, and of an error without a code', async () => {
    expect(await said(call, replyOf(200, {}, '<html>'))).toContain('is no JSON');
    expect(await said(call, replyOf(400, {}, '{}'))).toContain('has no code');
  });

  test.each<Credential>([
    'none',
    'token of another job',
    'altered token',
    'signature of another body',
    'old signature',
  ])('tells of a callback that was taken with %s', async (credential) => {
    expect(await said(callback(credential), replyOf(200, {}, '{}'))).toContain(`with ${credential} it answered 200`);
  });

  test.each<TokenCase['spoil']>([
    'secret',
    'character',
    'segment',
    'text',
  ])('tells of a token that was taken though its %s was spoilt', async (spoil) => {
    expect(await said(token(spoil), me('usr_me'))).toContain(`a token spoilt in its ${spoil} answered 200`);
  });

  test('tells of a token that shows somebody else', async () => {
    expect(await said(token('claims'), me('usr_other'))).toContain('a token of usr_me shows usr_other');
  });

  test('tells of a call that hangs', async () => {
    const server = createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const http = new Http(() => {}, 50);
    try {
      const { port } = server.address() as AddressInfo;
      await expect(http.send(`http://127.0.0.1:${port}/`)).rejects.toThrow(/hung for 0.05 s/);
    } finally {
      http.close();
      server.closeAllConnections();
      server.close();
    }
  });

  const account = (change: Record<string, number | string> = {}) =>
    JSON.stringify({ plan: 'free', balance: 7, held: 1, spent: 2, granted: 10, live: LIVE, ...change });
  const event = (id: string, type: string, amount: number, ref = '') =>
    JSON.stringify({ id, user_id: 'u', type, amount, ref });
  const receipt = JSON.stringify({ job_id: 'j', amount: 2, charged: 2, outcome: '{"status":"done"}' });
  const row = (change: object = {}) =>
    JSON.stringify({ job_id: 'j', user_id: 'u', status: 'done', done: 2, failed: 0, total: 2, ...change });
  const state = (change: object = {}) => {
    const job = { jobId: 'j', userId: 'u', status: 'done', photos: [0, 1], attempt: 1, done: '3', failed: '0', seq: 0 };
    const rest = { charged: 2, source: null, deletedAt: null, effects: {} };
    return JSON.stringify({ state: JSON.stringify({ ...job, ...rest, ...change }) });
  };
  const good: [string, string][] = [
    ['user/u/account/0', account()],
    ['user/u/receipt/0', receipt],
    ['job/j/job/0', state()],
    ['d1/users/u', '{"id":"u","plan":"free","credits":8}'],
    ['d1/billing_events/plan', event('plan', 'grant', 10)],
    ['d1/billing_events/charge:j', event('charge:j', 'charge', -2, 'j')],
    ['d1/jobs_log/j', row()],
    [`r2/outputs/usr_${'a'.repeat(22)}/${'0'.repeat(64)}/3_result.png`, 'x'],
  ];

  test('finds no fault where there is none', () => {
    expect(faultsOf(new Map(good))).toEqual([]);
  });

  test.each<[string, [string, string][], RegExp]>([
    ['credits that do not add up', [['user/u/account/0', account({ held: 2 })]], /7 \+ 2 \+ 2 ≠ 10/],
    ['a balance below nothing', [['user/u/account/0', account({ balance: -1, held: 9 })]], /-1 \+ 9/],
    ['a hold that no job has', [['user/u/account/0', account({ held: 2, balance: 6 })]], /\[2,2\], not \[1,2\]/],
    [
      'D1 that shows other credits',
      [['d1/users/u', '{"id":"u","plan":"free","credits":9}']],
      /D1 shows free, 9 credits/,
    ],
    ['D1 that shows another plan', [['d1/users/u', '{"id":"u","plan":"pro","credits":8}']], /D1 shows pro, 8 credits/],
    ['a receipt too many', [['d1/billing_events/x', event('x', 'grant', 1)]], /D1 billed 9", not "D1 billed 8/],
    ['a charge for more than is done', [['d1/jobs_log/j', row({ done: 1 })]], /was charged 2 for 1 photos/],
    ['a job charged for more than is done', [['job/j/job/0', state({ done: '1' })]], /done, charged 2 for 1 photos/],
    ['a photo that is done and failed', [['job/j/job/0', state({ failed: '2' })]], /done 0,1, failed 1/],
    ['a job that is done without a photo', [['job/j/job/0', state({ done: '0' })]], /done with 0 done/],
    ['photos of a job that D1 does not show', [['d1/job_items_log/x/0', '{"job_id":"x"}']], /photos of x/],
    [
      'what D1 has of who was deleted',
      [['user/u/account/0', account({ more: '{"erasing":{}}' })]],
      /D1 still knows him/,
    ],
    ['a key that the server does not mint', [['r2/inputs/../x', 'x']], /R2 holds inputs\/..\/x/],
  ])('finds %s', (_, planted, fault) => {
    const found = faultsOf(new Map([...good, ...planted]));
    expect(found.join('\n')).toMatch(fault);
  });
});

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

/** What the fuzzer looks for, it sees: a fault is planted for each thing that it looks at, and is told by its name. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Case, Credential, TokenCase } from '../fuzz/case.ts';
import type { Crowd } from '../fuzz/crowd.ts';
import { send } from '../fuzz/send.ts';
import { faultsOf } from '../world/bundle/faults.ts';
import { Http, type Reply, replyOf } from '../world/bundle/http.ts';
import type { World } from '../world/bundle/world.ts';

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
    const http = new Http({ patience: 50 });
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
  /** As a user leaves it who deletes himself while it is at work. */
  const leftBehind = state({ status: 'canceled', charged: 0, deletedAt: 1 });
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

  test('finds none in the job of a user who deleted himself in the middle of it', () => {
    const erased = account({ more: '{"erasing":{}}', live: '[]' });
    const left: [string, string][] = [
      ['user/u/account/0', erased],
      ['job/j/job/0', leftBehind],
    ];
    expect(faultsOf(new Map(left))).toEqual([]);
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
    [
      'a deleted job that was not charged, of a user who is there',
      [['job/j/job/0', leftBehind]],
      /charged 0 for 2 photos/,
    ],
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

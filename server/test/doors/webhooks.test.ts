/** The client's `./webhooks`, as a GPU worker in TypeScript uses it, against the real dispatch and the real callback. */
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { createReporter, parseDispatch, WebhookError } from '../../../client-sdk/src/webhooks/index.ts';
import { ask, signUp } from '../../../proving/world/workerd/client.ts';
import { putResults, type RunningJob, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { inspect } from '../../../proving/world/workerd/objects.ts';

let job: RunningJob;
beforeEach(async () => {
  job = await runningJob(await signUp(), 3);
});

/** The Worker's own door in place of the network. */
const fetch = (url: string, init?: RequestInit) => ask(new URL(url).pathname, init);
const reporterFor = (options: Parameters<typeof createReporter>[1] = {}) =>
  createReporter(parseDispatch(JSON.stringify(job.dispatch)), { fetch, maxRetries: 0, ...options });

test('what is dispatched is read as it is', () => {
  expect(parseDispatch(JSON.stringify(job.dispatch))).toEqual(job.dispatch);
});

test.each(['bearer', 'signature'] as const)('results under a %s are taken, one and several at once', async (auth) => {
  await putResults(job, [0, 1]);
  const reporter = reporterFor({ auth });
  const one = await reporter.report({ idx: 0, status: 'done' });
  expect(one).toEqual({ status: 'running', items: [{ idx: 0, outcome: 'accepted' }] });
  const rest = await reporter.report([
    { idx: 1, status: 'done', preview: false },
    { idx: 2, status: 'failed', error: 'too dark' },
  ]);
  expect(rest.items.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
  expect(await inspect(job.jobId)).toMatchObject({ status: 'done', done: 2, failed: 1, charged: 2 });
});

test.each([
  'bearer',
  'signature',
] as const)('a %s whose answer is lost is sent again, and counts once', async (auth) => {
  const ids: (string | null)[] = [];
  const losing = async (url: string, init?: RequestInit) => {
    ids.push(new Headers(init?.headers).get(auth === 'signature' ? 'webhook-id' : 'idempotency-key'));
    const answer = await fetch(url, init);
    if (ids.length === 1) throw new TypeError('network connection lost');
    return answer;
  };
  const answer = await reporterFor({ auth, fetch: losing, maxRetries: 1 }).report({
    idx: 0,
    status: 'failed',
    error: 'x',
  });
  expect(answer.items).toEqual([{ idx: 0, outcome: 'duplicate' }]);
  expect(ids[0]).toBe(ids[1]);
  expect(await inspect(job.jobId)).toMatchObject({ failed: 1, done: 0 });
});

test('the global secret signs as well, since the body names the job', async () => {
  const reporter = reporterFor({ auth: 'signature', secret: env.GPU_CALLBACK_SECRET ?? '' });
  expect((await reporter.report({ idx: 0, status: 'failed', error: 'x' })).items[0]?.outcome).toBe('accepted');
});

test('a wrong token is AUTH_REQUIRED and a photo of no job VALIDATION_ERROR, and neither is tried again', async () => {
  let sent = 0;
  const counting = (url: string, init?: RequestInit) => {
    sent += 1;
    return fetch(url, init);
  };
  const wrong = reporterFor({ secret: 'cb_wrong', fetch: counting, maxRetries: 5 });
  const refused = wrong.report({ idx: 0, status: 'failed', error: 'x' });
  await expect(refused).rejects.toMatchObject({ name: 'WebhookError', code: 'AUTH_REQUIRED', status: 401 });
  const foreign = reporterFor({ fetch: counting }).report({ idx: 9, status: 'failed', error: 'x' });
  await expect(foreign).rejects.toMatchObject({ code: 'VALIDATION_ERROR', field: 'idx', status: 400 });
  await expect(reporterFor().report({ idx: 9, status: 'done' })).rejects.toBeInstanceOf(WebhookError);
  expect(sent).toBe(2);
});

/** A signed callback counts once: the same id again answers duplicates and changes nothing, whatever it says. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { MINUTE, pass } from '../../../proving/world/workerd/clock.ts';
import {
  CHOICE,
  dispatchOf,
  doneItem,
  failedItem,
  post,
  putResults,
  type RunningJob,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobObject, sqlIn } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent } from '../../../proving/world/workerd/queue.ts';

let user: User;
let job: RunningJob;
beforeEach(async () => {
  user = await signUp();
  job = await runningJob(user, 3);
  await putResults(job, [0, 1, 2]);
});

/** Sends a body as Standard Webhooks would, now. */
async function send(id: string, body: object, secret = job.dispatch.callback_token, jobId = job.jobId) {
  const text = JSON.stringify(body);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const raw = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${id}.${timestamp}.${text}`));
  const signature = `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`;
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  const { status, body: answer } = await post(jobId, text, headers);
  return { status, outcomes: (answer.data?.items ?? []).map(({ outcome }) => outcome) };
}
const done = (idx: number) => doneItem(job, idx);
const rows = async () => (await sqlIn(jobObject(job.jobId), 'SELECT count(*) AS n FROM event'))[0]?.n;
const taken = { status: 200, outcomes: ['accepted'] };
const duplicate = { status: 200, outcomes: ['duplicate'] };

test('the same callback again is a duplicate', async () => {
  expect(await send('msg_1', done(0))).toEqual(taken);
  expect(await send('msg_1', done(0))).toEqual(duplicate);
  expect(await rows()).toBe(1);
});

test('the same id with other results changes nothing, also after the object was evicted', async () => {
  expect(await send('msg_1', done(0))).toEqual(taken);
  expect(await send('msg_1', { items: [failedItem(1), done(2)] })).toEqual({
    status: 200,
    outcomes: ['duplicate', 'duplicate'],
  });
  await evictDurableObject(jobObject(job.jobId));
  expect(await send('msg_1', failedItem(1))).toEqual(duplicate);
  expect(await inspect(job.jobId)).toMatchObject({ done: 1, failed: 0 });
  expect(await rows()).toBe(1);
});

test('the id of a callback that changed nothing is known as well, and costs no row', async () => {
  await send('msg_1', done(0));
  expect(await send('msg_2', done(0))).toEqual(duplicate);
  expect(await send('msg_2', failedItem(1))).toEqual(duplicate);
  expect(await inspect(job.jobId)).toMatchObject({ done: 1, failed: 0 });
  expect(await rows()).toBe(1);
});

test('another id brings what is still open', async () => {
  await send('msg_1', done(0));
  expect(await send('msg_2', done(1))).toEqual(taken);
  expect(await inspect(job.jobId)).toMatchObject({ done: 2 });
});

test('a callback that was refused may come again under its id, put right', async () => {
  expect((await send('msg_1', { ...done(0), output_key: 'outputs/x/y/0_result.png' })).status).toBe(400);
  expect(await send('msg_1', done(0))).toEqual(taken);
});

test('an id is forgotten when no signature that covers it can be good any more', async () => {
  await send('msg_1', done(0));
  pass(10 * MINUTE);
  expect(await send('msg_1', done(1))).toEqual(duplicate);
  pass(10 * MINUTE + 1);
  expect(await send('msg_1', done(1))).toEqual(taken);
});

test('one that came before the job was executed does not count once it is', async () => {
  const secret = env.GPU_CALLBACK_SECRET ?? '';
  user = await signUp();
  const mine = await uploadedJob(user, 2);
  const early = { ...failedItem(0), job_id: mine.jobId };
  expect((await send('msg_1', early, secret, mine.jobId)).outcomes).toEqual(['ignored']);
  await evictDurableObject(jobObject(mine.jobId));
  await user.client.jobs.execute.mutate({ jobId: mine.jobId, ...CHOICE });
  await deliver(lastSent(mine.jobId));
  expect(dispatchOf(mine.jobId).items).toHaveLength(2);
  expect(await send('msg_1', early, secret, mine.jobId)).toEqual(duplicate);
  expect(await inspect(mine.jobId)).toMatchObject({ failed: 0 });
});

test('ids of one job say nothing of another', async () => {
  const other = await runningJob(await signUp(), 1);
  await send('msg_1', done(0));
  const { callback_token } = other.dispatch;
  expect((await send('msg_1', failedItem(0), callback_token, other.jobId)).outcomes).toEqual(['accepted']);
});

/** Callbacks that come when nobody waits for them leave a few rows and kilobytes at most, and an operator still sees that they came. */
import { evictDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { beforeEach, expect, test } from 'vitest';
import { admin, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { MINUTE, pass } from '../../../proving/world/workerd/clock.ts';
import {
  CHOICE,
  doneItem,
  failedItem,
  post,
  putResults,
  range,
  report,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobObject, sqlIn } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent } from '../../../proving/world/workerd/queue.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});
const log = async (jobId: string) =>
  (await sqlIn(jobObject(jobId), 'SELECT count(*) AS rows, sum(length(body)) AS bytes FROM event'))[0] as {
    rows: number;
    bytes: number | null;
  };
const WORDS = 'w'.repeat(500);

/** Sends a body as Standard Webhooks would, now, under the global secret. */
async function signed(id: string, jobId: string, body: object) {
  const text = JSON.stringify({ ...body, job_id: jobId });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const raw = new TextEncoder().encode(env.GPU_CALLBACK_SECRET ?? '');
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${id}.${timestamp}.${text}`));
  const signature = `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`;
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  return () => post(jobId, text, headers);
}

test('late results of two hundred photos, however often they come and whatever they say, are one row of 6 KB', async () => {
  const job = await runningJob(user, 200);
  await user.client.jobs.cancel.mutate({ jobId: job.jobId });
  const before = await log(job.jobId);
  for (let time = 0; time < 10; time++) {
    const items = range(200).map((idx) => failedItem(idx, `${WORDS.slice(10)} ${time}`));
    // Each photo by itself, then all of them.
    const { status, body } = await report(job, { items: time < 6 ? [items[time]] : items });
    expect(status).toBe(200);
    expect(body.data?.items[0]?.outcome).toBe('ignored');
  }
  const { rows, bytes } = await log(job.jobId);
  expect(rows - before.rows).toBe(1);
  expect(Number(bytes) - Number(before.bytes)).toBeLessThan(6 * 1024);
  expect(await inspect(job.jobId)).toMatchObject({ done: 0, failed: 0, late: 200 });
});

test('an operator sees of how many photos results came late; nothing else changes', async () => {
  const job = await runningJob(user, 3);
  await putResults(job, [0]);
  await report(job, doneItem(job, 0));
  await user.client.jobs.cancel.mutate({ jobId: job.jobId });
  const view = await user.client.jobs.get.query({ jobId: job.jobId });
  await report(job, { items: [doneItem(job, 0), doneItem(job, 1)] });
  await report(job, failedItem(1));
  expect(await admin().admin.job.query({ jobId: job.jobId })).toMatchObject({ late: 1, done: 1, failed: 0 });
  expect(await user.client.jobs.get.query({ jobId: job.jobId })).toMatchObject({ items: view.items, charged: 1 });
});

test('signed callbacks that come before the job is executed leave sixteen rows at most, and none of them counts later', async () => {
  const job = await uploadedJob(user, 2);
  const early = await Promise.all(range(40).map((n) => signed(`msg_${'x'.repeat(250)}${n}`, job.jobId, failedItem(0))));
  for (const send of early) expect((await send()).body.data?.items).toEqual([{ idx: 0, outcome: 'ignored' }]);
  const { rows, bytes } = await log(job.jobId);
  expect(rows).toBe(16);
  expect(Number(bytes)).toBeLessThan(6 * 1024);
  await evictDurableObject(jobObject(job.jobId));
  await user.client.jobs.execute.mutate({ jobId: job.jobId, ...CHOICE });
  await deliver(lastSent(job.jobId));
  for (const send of early) {
    const { status, body } = await send();
    if (status === 200) expect(body.data?.items).toEqual([{ idx: 0, outcome: 'duplicate' }]);
    else expect(body.error).toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterSeconds: 600 } });
  }
  expect(await inspect(job.jobId)).toMatchObject({ failed: 0, done: 0 });
});

test('after such a flood signed results are taken again when none of it can be good any more, and those with a token at once', async () => {
  const job = await uploadedJob(user, 2);
  for (const n of range(17)) await (await signed(`msg_${n}`, job.jobId, failedItem(0)))();
  await user.client.jobs.execute.mutate({ jobId: job.jobId, ...CHOICE });
  await deliver(lastSent(job.jobId));
  const refused = await (await signed('msg_fresh', job.jobId, failedItem(0)))();
  expect(refused.status).toBe(429);
  const shown = { authorization: `Bearer ${env.GPU_CALLBACK_SECRET}` };
  const taken = await post(job.jobId, JSON.stringify(failedItem(1)), shown);
  expect(taken.body.data?.items).toEqual([{ idx: 1, outcome: 'accepted' }]);
  pass(10 * MINUTE);
  const later = await (await signed('msg_later', job.jobId, failedItem(0)))();
  expect(later.body.data?.items).toEqual([{ idx: 0, outcome: 'accepted' }]);
});

/** A job from sign-up to finished photos, with the platform's own queue broker: ledger, history and what the user sees. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { creditsOf, signUp } from '../../../proving/world/workerd/client.ts';
import { MINUTE, pass, START } from '../../../proving/world/workerd/clock.ts';
import { gpu } from '../../../proving/world/workerd/gpu.ts';
import {
  CHOICE,
  dispatchOf,
  doneItem,
  doneJob,
  failedItem,
  photos,
  putInputs,
  putResult,
  putResults,
  range,
  report,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, inspect, tellD1 } from '../../../proving/world/workerd/objects.ts';
import { useRealQueue } from '../../../proving/world/workerd/queue.ts';
import { inputKey, outputKey, previewKey } from '../../src/domain/keys.ts';

test('a job goes from sign-up to finished photos, and ledger, history and receipts agree', async () => {
  useRealQueue();
  const user = await signUp();
  const { jobId, uploads, status } = await user.client.jobs.create.mutate({ preset: 'interior', photos: photos(3) });
  expect(status).toBe('created');
  expect(uploads.map(({ idx }) => idx)).toEqual([0, 1, 2]);
  expect(await creditsOf(user)).toEqual({ balance: 7, held: 3, spent: 0 });

  const ref = { userId: user.userId, jobId };
  await putInputs(ref, range(3));
  expect(await user.client.jobs.confirmUpload.mutate({ jobId })).toEqual({ status: 'uploaded' });
  const executed = await user.client.jobs.execute.mutate({ jobId, ...CHOICE });
  expect(executed.status).toBe('queued');
  expect(executed.ticket).toContain(user.userId);

  await expect
    .poll(async () => (await user.client.jobs.get.query({ jobId })).status, { timeout: 10_000 })
    .toBe('running');
  expect(gpu.dispatchesOf(jobId)).toHaveLength(1);
  const job = { ...ref, photos: 3, dispatch: dispatchOf(jobId) };
  expect(job.dispatch).toMatchObject({
    job_id: jobId,
    user_id: user.userId,
    attempt: 1,
    preset: 'interior',
    protect: ['Grout', 'Frame_Molding', 'Glass_highlight'],
    callback_url: `https://api.test/jobs/${jobId}/callback?attempt=1`,
    idempotency_prefix: `${jobId}:1`,
    batch_concurrency: 4,
  });
  expect(job.dispatch.concepts.Floor).toMatchObject({
    action: 'recolor',
    value: expect.stringMatching(/^#[0-9A-F]{6}$/),
  });

  await putResults(ref, [0, 2]);
  const first = await report(job, doneItem(ref, 0));
  expect(first).toMatchObject({ status: 200, body: { success: true, data: { status: 'running' } } });
  expect(first.body.data?.items).toEqual([{ idx: 0, outcome: 'accepted' }]);
  await report(job, failedItem(1));
  pass(5_000);
  const last = await report(job, { ...doneItem(ref, 2), status: 'completed' });
  expect(last.body.data?.status).toBe('done');

  const view = await user.client.jobs.get.query({ jobId });
  expect(view).toMatchObject({ status: 'done', progress: { done: 2, failed: 1, total: 3 }, charged: 2, error: null });
  expect(view.items[1]).toEqual({ idx: 1, status: 'failed', error: 'cannot be decoded' });
  expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
  expect((await user.client.user.me.query()).activeJobs).toBe(0);

  const [row] = await d1('SELECT * FROM jobs_log WHERE job_id = ?', jobId);
  expect(row).toMatchObject({
    user_id: user.userId,
    status: 'done',
    preset: 'interior',
    rule_id: null,
    protect_json: JSON.stringify(['Grout', 'Frame_Molding', 'Glass_highlight']),
    cost_estimate: 3,
    error: null,
    done: 2,
    failed: 1,
    total: 3,
  });
  expect(Number(row?.finished_at) - Number(row?.created_at)).toBeGreaterThanOrEqual(5_000);
  // Keys that follow from the ids are not written down.
  expect(await d1('SELECT * FROM job_items_log WHERE job_id = ? ORDER BY idx', jobId)).toEqual([
    {
      job_id: jobId,
      idx: 0,
      status: 'done',
      input_key: null,
      output_key: null,
      preview_key: null,
      error: null,
    },
    {
      job_id: jobId,
      idx: 1,
      status: 'failed',
      input_key: null,
      output_key: null,
      preview_key: null,
      error: 'cannot be decoded',
    },
    {
      job_id: jobId,
      idx: 2,
      status: 'done',
      input_key: null,
      output_key: null,
      preview_key: null,
      error: null,
    },
  ]);
  await tellD1(user);
  const billed = await d1(
    'SELECT id, type, amount, ref FROM billing_events WHERE user_id = ? ORDER BY amount',
    user.userId,
  );
  expect(billed).toEqual([
    { id: `charge:${jobId}`, type: 'charge', amount: -2, ref: jobId },
    { id: `grant:${user.userId}:plan:free`, type: 'grant', amount: 10, ref: 'sign-up' },
  ]);
  expect(await d1('SELECT plan, credits, auth_provider FROM users WHERE id = ?', user.userId)).toEqual([
    { plan: 'free', credits: 8, auth_provider: 'anonymous' },
  ]);
  const { receipts } = await user.client.user.ledger.query();
  expect(receipts.map(({ amount }) => amount)).toEqual([-2, 10]);
  expect(await inspect(jobId)).toMatchObject({ pendingEffects: [], charged: 2, attempt: 1 });
});

test('ten results in one callback finish a job of ten', async () => {
  const user = await signUp();
  const job = await runningJob(user, 10);
  await putResults(job, range(10));
  const answer = await report(job, { job_id: job.jobId, items: range(10).map((idx) => doneItem(job, idx)) });
  expect(answer.body.data).toEqual({ status: 'done', items: range(10).map((idx) => ({ idx, outcome: 'accepted' })) });
  expect(await creditsOf(user)).toEqual({ balance: 0, held: 0, spent: 10 });
});

test('result URLs stay the same from one poll to the next, and each photo has its own', async () => {
  const user = await signUp();
  const { jobId } = await doneJob(user, 2);
  const before = await user.client.jobs.get.query({ jobId });
  pass(15 * MINUTE);
  const after = await user.client.jobs.get.query({ jobId });
  expect(after.items).toEqual(before.items);
  const urls = before.items.flatMap(({ resultUrl, previewUrl }) => [resultUrl, previewUrl]);
  expect(new Set(urls).size).toBe(4);
  expect(new URL(urls[0] ?? '').pathname).toBe(`/s3-images/${outputKey({ userId: user.userId, jobId }, 0)}`);
  expect(new URL(urls[1] ?? '').pathname).toBe(`/s3-images/${previewKey({ userId: user.userId, jobId }, 0)}`);
});

test('a photo without a preview has a result URL and no preview URL', async () => {
  const user = await signUp();
  const job = await runningJob(user, 1);
  await putResult(job, 0);
  await report(job, doneItem(job, 0));
  const [photo] = (await user.client.jobs.get.query({ jobId: job.jobId })).items;
  expect(photo).toEqual({ idx: 0, status: 'done', resultUrl: expect.any(String) });
});

test('a saved rule is what the job does and what history names', async () => {
  const user = await signUp();
  const rule = await user.client.rules.create.mutate({
    name: 'Cool grout',
    presetId: 'interior',
    concepts: { Wall: { action: 'tone', value: 'cool' } },
    protect: ['Glass_highlight'],
  });
  const { jobId } = await uploadedJob(user, 1);
  await user.client.jobs.execute.mutate({ jobId, ruleId: rule.id });
  await user.client.jobs.cancel.mutate({ jobId });
  expect(await d1('SELECT rule_id, concepts_json, protect_json FROM jobs_log WHERE job_id = ?', jobId)).toEqual([
    { rule_id: rule.id, concepts_json: JSON.stringify(rule.concepts), protect_json: '["Glass_highlight"]' },
  ]);
});

test('while nothing is known of a photo it is pending, and the deadline of the state is shown', async () => {
  const user = await signUp();
  const { jobId } = await uploadedJob(user, 1);
  const view = await user.client.jobs.get.query({ jobId });
  expect(view).toMatchObject({
    status: 'uploaded',
    items: [{ idx: 0, status: 'pending' }],
    keptUntil: null,
    charged: null,
  });
  expect(view.deadline).toEqual(new Date(START + 24 * 60 * MINUTE));
  expect(await env.R2.head(inputKey({ userId: user.userId, jobId }, 0))).not.toBeNull();
});

/** What results are encoded as: chosen once with `jobs.execute`, told to the GPU worker, bound by the signature, and charged whichever it is. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { admin, clientFor, creditsOf, refusalOf, signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, pass, wake } from '../../../proving/world/workerd/clock.ts';
import {
  CHOICE,
  dispatchOf,
  doneItem,
  putResult,
  range,
  report,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { d1, jobObject, keysOf, sqlIn } from '../../../proving/world/workerd/objects.ts';
import { deliver, lastSent } from '../../../proving/world/workerd/queue.ts';
import { RESULT_FORMATS, type ResultFormat } from '../../src/contract/jobs.ts';
import { settingsOf } from '../../src/settings/settings.ts';
import { presignForWorker } from '../../src/storage/presign.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const executed = async (format?: ResultFormat, count = 1) => {
  const job = await uploadedJob(user, count);
  await user.client.jobs.execute.mutate({ jobId: job.jobId, ...CHOICE, format });
  return job;
};
const viewed = async (jobId: string) => (await user.client.jobs.get.query({ jobId })).format;
const choiceOf = async (jobId: string) =>
  JSON.parse(String((await sqlIn(jobObject(jobId), 'SELECT state FROM job'))[0]?.state)).choice;

describe.each(RESULT_FORMATS)('a job executed with format %s', (format) => {
  const type = `image/${format}`;

  test('asks for it in the queue and at the provider, whose URL is signed for it, and keeps its keys', async () => {
    const { jobId } = await executed(format);
    expect(lastSent(jobId).output_type).toBe(type);
    await deliver(lastSent(jobId));
    const { output_type, items } = dispatchOf(jobId);
    expect(output_type).toBe(type);
    const [item] = items;
    expect(item?.output_key).toMatch(/\/0_result\.png$/);
    const { searchParams } = new URL(item?.output_url ?? '');
    const from = Date.now();
    const until = from + Number(searchParams.get('X-Amz-Expires')) * 1000;
    const signedFor = RESULT_FORMATS.filter((other) => {
      const { put } = presignForWorker(from, until, settingsOf(env));
      return put(item?.output_key ?? '', `image/${other}`) === item?.output_url;
    });
    expect(signedFor).toEqual([format]);
  });

  test('is charged for what lies there, and says its format live, afterwards, in the export and in history', async () => {
    const { jobId, ...job } = await executed(format);
    await deliver(lastSent(jobId));
    const running = { ...job, jobId, dispatch: dispatchOf(jobId) };
    expect(await viewed(jobId)).toBe(format);
    await putResult(running, 0, type);
    expect((await report(running, doneItem(running, 0))).body.data?.status).toBe('done');
    expect(await creditsOf(user)).toEqual({ balance: 9, held: 0, spent: 1 });
    expect(await viewed(jobId)).toBe(format);
    expect((await user.client.user.export.query()).jobs[0]?.format).toBe(format);
    const [row] = await d1('SELECT params_json FROM jobs_log WHERE job_id = ?', jobId);
    expect(JSON.parse(String(row?.params_json))).toEqual({
      outputTemplate: null,
      from: null,
      ...(format === 'png' ? {} : { format }),
    });
    pass(30 * DAY);
    await wake(jobObject(jobId));
    await wake(jobObject(jobId));
    expect(await keysOf(jobId)).toEqual([]);
    user.client = clientFor((await user.client.auth.renew.mutate()).token);
    expect(await viewed(jobId)).toBe(format);
    expect((await user.client.user.export.query()).jobs[0]?.format).toBe(format);
  });

  test('is requeued with it', async () => {
    const { jobId } = await executed(format);
    await user.client.jobs.cancel.mutate({ jobId });
    const again = await admin().admin.requeue.mutate({ jobId, idempotencyKey: 'again-please' });
    expect(lastSent(again.jobId).output_type).toBe(type);
  });

  test('is executed again under the same key with nothing else', async () => {
    const { jobId } = await uploadedJob(user, 1);
    const call = (other: ResultFormat | undefined) =>
      user.client.jobs.execute.mutate({ jobId, ...CHOICE, format: other, idempotencyKey: 'execute-once' });
    await call(format);
    expect((await call(format)).status).toBe('queued');
    for (const other of [undefined, ...RESULT_FORMATS].filter((one) => (one ?? 'png') !== format)) {
      expect(await refusalOf(call(other))).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    }
  });
});

test('a rule is executed in the format that is asked for with it', async () => {
  const rule = await user.client.rules.create.mutate({ name: 'Oak', presetId: 'interior', ...CHOICE });
  const { jobId } = await uploadedJob(user, 1);
  await user.client.jobs.execute.mutate({ jobId, ruleId: rule.id, format: 'webp' });
  expect(lastSent(jobId).output_type).toBe('image/webp');
});

test('nobody who asks for nothing gets anything but PNG, and is stored as before there was a choice', async () => {
  const { jobId } = await uploadedJob(user, 1);
  expect(await user.client.jobs.get.query({ jobId })).not.toHaveProperty('format');
  await user.client.jobs.execute.mutate({ jobId, ...CHOICE });
  expect(lastSent(jobId).output_type).toBe('image/png');
  expect(await viewed(jobId)).toBe('png');
  expect(Object.keys(await choiceOf(jobId))).toEqual(['concepts', 'protect', 'outputTemplate']);
});

test('a job made from another one chooses for itself', async () => {
  const { jobId } = await executed('webp');
  const fork = await user.client.jobs.cancel
    .mutate({ jobId })
    .then(() => user.client.jobs.create.mutate({ from: { jobId } }));
  await user.client.jobs.execute.mutate({ jobId: fork.jobId, ...CHOICE });
  expect(lastSent(fork.jobId).output_type).toBe('image/png');
});

test('another format is refused by name, and nothing is executed', async () => {
  const { jobId } = await uploadedJob(user, 1);
  for (const format of ['gif', 'PNG', 'image/png', '']) {
    const call = user.client.jobs.execute.mutate({ jobId, ...CHOICE, format: format as ResultFormat });
    expect(await refusalOf(call)).toMatchObject({ code: 'VALIDATION_ERROR', details: { field: 'format' } });
  }
  expect((await user.client.jobs.get.query({ jobId })).status).toBe('uploaded');
});

test('a message of the release before, which names no type, is dispatched for PNG', async () => {
  const { jobId } = await executed('jpeg');
  const { output_type: _, ...older } = lastSent(jobId);
  expect((await deliver(older)).acked).toEqual(['m0']);
  expect(dispatchOf(jobId).output_type).toBe('image/png');
});

test('a type of a later release is no message of ours: it is retried, and touches no job', async () => {
  const { jobId } = await executed();
  expect(await deliver({ ...lastSent(jobId), output_type: 'image/avif' })).toMatchObject({ retried: ['m0'] });
});

test('a result as png, as over a rollback, is one whatever was asked for, and no other type but that is', async () => {
  const { jobId, ...job } = await executed('webp', 3);
  await deliver(lastSent(jobId));
  const running = { ...job, jobId, dispatch: dispatchOf(jobId) };
  for (const [idx, format] of RESULT_FORMATS.entries()) await putResult(running, idx, `image/${format}`);
  await report(running, { items: range(3).map((idx) => doneItem(running, idx)) });
  const { items } = await user.client.jobs.get.query({ jobId });
  expect(items.map(({ status }) => status)).toEqual(['done', 'failed', 'done']);
  expect(items[1]?.error).toBe('the result in storage is image/jpeg, not image/webp');
  expect(await creditsOf(user)).toEqual({ balance: 8, held: 0, spent: 2 });
});

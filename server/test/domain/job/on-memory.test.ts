/** The server's own job runs on memory: nothing in it knows the platform. */
import { expect, test } from 'vitest';
import { inputKey, outputKey } from '../../../src/domain/keys.ts';
import { MemoryJob } from './memory.ts';
import { createCommand, doneResult, executeCommand, failedResult, JOB, photos } from './states.ts';

const CALL = { userId: JOB.userId, requestId: 'req_1' };

async function queuedOnMemory(total: number): Promise<MemoryJob> {
  const memory = new MemoryJob();
  const { jobId: _, ...command } = createCommand(total);
  expect(memory.job.owner.create(command)).toMatchObject({ ok: true });
  for (const [idx, photo] of photos(total).entries()) memory.objects.set(inputKey(JOB, idx), { ...photo });
  expect(await memory.job.owner.confirmUpload(CALL)).toMatchObject({ value: { status: 'uploaded' } });
  expect(await memory.job.owner.execute(CALL, executeCommand())).toMatchObject({ value: { status: 'queued' } });
  return memory;
}

test('a job goes from its creation to its end, is watched, settles, and is gone when its results are kept no more', async () => {
  const memory = await queuedOnMemory(2);
  const line = await memory.watch(JOB.userId);
  const input = { jobId: JOB.jobId };
  const subscribe = { id: 1, method: 'subscription', params: { path: 'jobs.watch', input: { json: input } } };
  memory.job.watchers.receive(line, JSON.stringify(subscribe));
  expect(memory.job.gpu.beginDispatch(1)).toMatchObject({ go: true, open: [0, 1] });
  await memory.job.gpu.confirmDispatch(1, 'run-1');
  memory.objects.set(outputKey(JOB, 0), { bytes: 9, contentType: 'image/png' });
  const results = [doneResult(0), failedResult(1)];
  expect(await memory.job.gpu.report('req_2', results, true, null)).toMatchObject({ value: { status: 'done' } });
  expect(memory.calls).toEqual(['claim 2', 'send 1', 'settle 1', 'history done']);
  expect(JSON.stringify(line.frames)).toContain('https://storage.test/outputs/u1/j1/0_result.png');
  expect(line.closed).toBe(1000);
  for (let wakes = 0; wakes < 10 && memory.storage.load().kind !== 'none'; wakes++) await memory.wake();
  expect(memory.storage.load()).toEqual({ kind: 'none' });
  expect([...memory.objects.keys()]).toEqual([]);
});

test('deadlines come with its clock: what nobody works on ends, and is charged nothing', async () => {
  const memory = await queuedOnMemory(1);
  const ended = () => memory.job.inside.inspect()?.charged === 0;
  for (let wakes = 0; wakes < 200 && !ended(); wakes++) await memory.wake();
  expect(memory.job.owner.get(CALL)).toMatchObject({ value: { status: 'failed', charged: 0 } });
  expect(memory.calls).toContain('settle 0');
});

test('a job that never came to be refuses a later create', () => {
  const memory = new MemoryJob();
  expect(memory.job.inside.abandon()).toEqual({ lives: false });
  const { jobId: _, ...command } = createCommand(1);
  expect(memory.job.owner.create(command)).toMatchObject({ ok: false, refusal: { code: 'ALREADY_CANCELED' } });
});

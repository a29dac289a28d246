/** What a job waits for is said: the wrong files, too few, or nothing to go on with. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type JobEvent, memoryStorage, type PhotoFile, type Waiting } from '../src/index.ts';
import { body, count, left } from './left.ts';
import { turns, until } from './manual-clock.ts';
import { bytes, caught, jpegs } from './support.ts';

// The locks of Node itself are those of one page, which these tests leave.
beforeEach(() => void vi.stubGlobal('navigator', {}));
afterEach(() => void vi.unstubAllGlobals());

const stranger = { name: 'cat.jpg', data: bytes([0xff, 0xd8, 0xff, 0xe0], [9, 9, 9, 9, 9, 9]) };
const note = { name: 'notes.txt', data: bytes('hello') };
const STRANGERS = [
  { index: 1, name: 'notes.txt', reason: 'text' },
  { index: 0, name: 'cat.jpg', reason: 'another', message: 'is none of the photos of this job' },
];

test('files that are none of the missing photos are said by name, in the state, as an event and to onWaiting', async () => {
  const files = jpegs(3);
  const { open, jobId } = await left(files, [1, 2]);
  const { client } = open();
  const told: Waiting[] = [];
  const job = client.jobs.attach(jobId, { onWaiting: (waiting) => told.push(waiting) });
  const events: JobEvent[] = [];
  (async () => {
    for await (const event of job) events.push(event);
  })().catch(() => {});
  await until(() => job.state.waiting !== null);
  expect(job.state.waiting).toEqual({ for: 'files', missing: [1, 2], unmatched: [] });
  job.resume([stranger, note]);
  await until(() => job.state.waiting?.unmatched.length === 2);
  expect(job.state.waiting).toMatchObject({ for: 'files', missing: [1, 2], unmatched: STRANGERS });
  // One that lies there already is not in the way, nor said.
  job.resume([files[0] as PhotoFile, files[1] as PhotoFile, stranger]);
  await until(() => job.state.missing.join() === '2');
  await until(() => job.state.waiting?.unmatched.length === 1);
  job.resume(files);
  await until(() => job.state.status === 'running');
  expect(job.state.waiting).toBeNull();
  await turns();
  expect(told.length).toBeGreaterThanOrEqual(3);
  expect(told[1]).toMatchObject({ missing: [1, 2], unmatched: STRANGERS });
  expect(events.filter(({ type }) => type === 'waiting')).toMatchObject(told.map(({ missing }) => ({ missing })));
});

test.each([
  ['none of the photos', [stranger, note], [1, 2], /photo1\.jpg, photo2\.jpg$/],
  ['one of two', jpegs(2).slice(1), [2], /photo2\.jpg$/],
  ['nothing', [], [1, 2], /photo1\.jpg, photo2\.jpg$/],
])('files given with attach that bring %s reject with what is missing, and the job waits on', async (_, files, missing, message) => {
  const { api, open, jobId } = await left(jpegs(3), [1, 2]);
  const { client } = open();
  const error = await caught(client.jobs.attach(jobId, { files }).result());
  expect(error).toMatchObject({ code: 'UPLOAD_INCOMPLETE', jobId, data: { missing, wrong: [] } });
  expect((error as Error).message).toMatch(message);
  expect([api.job(jobId).status, count(api, 'jobs.cancel')]).toEqual(['created', 0]);
  const job = client.jobs.attach(jobId, { files: jpegs(3) });
  await until(() => job.state.status === 'running');
});

test('an attach that does not know what is to be done says so, and follows; files that are brought then are refused', async () => {
  const { api, open, jobId } = await left(jpegs(2), [0, 1]);
  const { client } = open({ storage: memoryStorage(), auth: { token: [...api.tokens.keys()][0] } });
  const job = client.jobs.attach(jobId);
  await until(() => job.state.waiting !== null);
  expect(job.state.waiting).toEqual({ for: 'change', missing: [], unmatched: [] });
  job.resume(jpegs(2));
  const refused = { code: 'INVALID_TRANSITION', jobId, data: { status: 'created', action: 'attach' } };
  expect(await caught(job.result())).toMatchObject(refused);
  expect(await caught(client.jobs.attach(jobId, { files: jpegs(2) }).result())).toMatchObject(refused);
  const other = client.jobs.attach(jobId);
  await until(() => other.state.waiting !== null);
  client.jobs.attach(jobId, { files: jpegs(2), change: { concepts: body } });
  await until(() => count(api, 'jobs.execute') === 1);
});

/** The consumer of gpu-jobs: each message by itself, what the provider's answers mean, and what is sent to the provider. */
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { DAY, MINUTE, pass, START, wake } from '../../../proving/world/workerd/clock.ts';
import { gpu } from '../../../proving/world/workerd/gpu.ts';
import {
  CHOICE,
  dispatchOf,
  failedItem,
  finish,
  photos,
  putInputs,
  queuedJob,
  range,
  report,
  runningJob,
  uploadedJob,
} from '../../../proving/world/workerd/jobs.ts';
import { inspect, jobObject, sqlIn } from '../../../proving/world/workerd/objects.ts';
import { batchOf, deliver, handOver, lastSent, sentFor } from '../../../proving/world/workerd/queue.ts';
import worker from '../../src/index.ts';
import { callbackToken } from '../../src/security/callback-auth.ts';

let user: User;
beforeEach(async () => {
  user = await signUp();
});
const queued = async (count = 2) => lastSent((await queuedJob(user, count)).jobId);

test('every call to the provider names the caller: doors such as a Browser Integrity Check refuse one without a name', async () => {
  const job = await runningJob(user, 2);
  gpu.script.status = () => Response.json({ status: 'IN_PROGRESS' });
  pass(16 * MINUTE);
  await wake(jobObject(job.jobId));
  await user.client.jobs.cancel.mutate({ jobId: job.jobId });
  await vi.waitUntil(() => gpu.canceled.length > 0);
  expect([gpu.dispatches.length, gpu.statusAsked.length, gpu.canceled.length]).toEqual([1, 1, 1]);
  expect([...gpu.agents]).toEqual(['s3-workers']);
});

describe('redelivery', () => {
  test('dispatches once, and acks every copy', async () => {
    const message = await queued();
    expect(await deliver(message)).toMatchObject({ acked: ['m0'], retried: [] });
    expect(await deliver(message, message)).toMatchObject({ acked: ['m0', 'm1'], retried: [] });
    expect(gpu.dispatchesOf(message.job_id)).toHaveLength(1);
  });

  test('of two copies in one batch dispatches once', async () => {
    const message = await queued();
    expect((await deliver(message, message)).acked).toEqual(['m0', 'm1']);
    expect(gpu.dispatchesOf(message.job_id)).toHaveLength(1);
  });

  test('after the job has ended dispatches nothing', async () => {
    const message = await queued();
    await user.client.jobs.cancel.mutate({ jobId: message.job_id });
    expect((await deliver(message)).acked).toEqual(['m0']);
    expect(gpu.dispatches).toEqual([]);
  });

  test('of an attempt that is not the current one dispatches nothing', async () => {
    const message = await queued();
    expect((await deliver({ ...message, attempt: 2 })).acked).toEqual(['m0']);
    expect(gpu.dispatches).toEqual([]);
  });
});

test('three messages of a batch are signed and sent at a time, so that none waits for its turn while its time limit runs', async () => {
  const messages: unknown[] = [];
  for (let job = 0; job < 7; job++) {
    user = await signUp();
    messages.push(await queued(1));
  }
  let [at, most] = [0, 0];
  gpu.script.dispatch = async () => {
    most = Math.max(most, ++at);
    await scheduler.wait(20);
    at--;
    return Response.json({});
  };
  expect((await deliver(...messages)).acked).toHaveLength(7);
  expect(most).toBe(3);
});

test('one poisoned message of ten is retried, and the other nine are dispatched', async () => {
  const messages: unknown[] = [];
  for (let job = 0; job < 9; job++) {
    user = await signUp();
    messages.push(await queued(1));
  }
  messages.splice(4, 0, { poison: true });
  const { acked, retried } = await deliver(...messages);
  expect(retried).toEqual(['m4']);
  expect(acked.toSorted()).toEqual(['m0', 'm1', 'm2', 'm3', 'm5', 'm6', 'm7', 'm8', 'm9']);
  expect(gpu.dispatches).toHaveLength(9);
});

test.for([
  null,
  'text',
  7,
  {},
  { job_id: 'x' },
])('the message %j is retried, so that it ends where people look', async (body) => {
  expect(await deliver(body)).toMatchObject({ acked: [], retried: ['m0'] });
});

test('a message with an id that we did not make is retried, and makes no object', async () => {
  const message = await queued();
  expect(await deliver({ ...message, job_id: 'a'.repeat(64) })).toMatchObject({ acked: [], retried: ['m0'] });
});

test('with broken settings every message is retried, and no job is touched', async () => {
  const message = await queued();
  const { explicitAcks, retryMessages } = await handOver('gpu-jobs', [message], { ...env, R2_BUCKET_NAME: '' });
  expect([explicitAcks, retryMessages]).toEqual([[], [{ msgId: 'm0' }]]);
  expect(await inspect(message.job_id)).toMatchObject({ dispatch: 'none', status: 'queued' });
});

describe('what is sent', () => {
  test('to the queue holds no URL but the callback and no secret; to the provider, URLs and the token for this job', async () => {
    const { jobId } = await uploadedJob(user, 2);
    await user.client.jobs.execute.mutate({ jobId, ...CHOICE, masks: true });
    const message = lastSent(jobId);
    const text = JSON.stringify(message);
    expect(text).not.toContain('X-Amz');
    expect(text).not.toContain('cb_');
    expect(text).not.toContain('whsec_');
    await deliver(message);
    const { items, callback_token, callback_secret, ...rest } = dispatchOf(message.job_id);
    const { items: queuedItems, ...sent } = message;
    expect(rest).toEqual(sent);
    expect(callback_token).toMatch(/^cb_[\w-]{43}$/);
    expect(callback_secret).toBe(`whsec_${btoa(callback_token)}`);
    for (const [idx, item] of items.entries()) {
      expect(item).toMatchObject(queuedItems[idx] ?? {});
      expect(Object.keys(item.mask_urls).toSorted()).toEqual(['Floor', 'Frame_Molding', 'Glass_highlight', 'Grout']);
      const urls = [
        item.input_url,
        item.output_url,
        item.preview_url,
        item.instances_url ?? '',
        ...Object.values(item.mask_urls),
      ];
      for (const url of urls) expect(new URL(url).searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
      expect(new URL(item.output_url).pathname).toBe(`/s3-images/${item.output_key}`);
      expect(new URL(item.output_url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-type;host');
    }
  });

  test('to the provider is good until the deadline of the job', async () => {
    const message = await queued(10);
    pass(MINUTE);
    await deliver(message);
    const [item] = dispatchOf(message.job_id).items;
    expect(new URL(item?.output_url ?? '').searchParams.get('X-Amz-Expires')).toBe(String(86_400 - 60));
    expect(new URL(item?.output_url ?? '').searchParams.get('X-Amz-Date')).toBe('20300101T001100Z');
    expect(START).toBe(Date.now() - MINUTE);
  });

  test('of 200 photos is a message for the first four, and no more until they have begun', async () => {
    user = await signUp('pro');
    const { jobId } = await user.client.jobs.create.mutate({ preset: 'interior', photos: photos(200) });
    await putInputs({ userId: user.userId, jobId }, range(200));
    await user.client.jobs.confirmUpload.mutate({ jobId });
    await user.client.jobs.execute.mutate({ jobId, ...CHOICE });
    expect(sentFor(jobId).map(({ items }) => items.length)).toEqual([4]);
    await deliver(lastSent(jobId));
    expect(sentFor(jobId)).toHaveLength(1);
    await report({ userId: user.userId, jobId, photos: 200, dispatch: dispatchOf(jobId) }, failedItem(0));
    expect(sentFor(jobId).map(({ items }) => items.length)).toEqual([4, 14]);
  });

  test('names the callback by PUBLIC_BASE_URL, whatever host the request came to', async () => {
    const { jobId } = await uploadedJob(user, 1);
    const request: Request = new Request('https://evil.test/trpc/jobs.execute', {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ json: { jobId, ...CHOICE } }),
    });
    await worker.fetch(request as Request<unknown, IncomingRequestCfProperties>, env);
    expect(lastSent(jobId).callback_url).toBe(`https://api.test/jobs/${jobId}/callback?attempt=1`);
  });
});

describe('nothing is claimed before it is signed', () => {
  test('a consumer that is stopped while it signs has touched no job, and the message comes again at once', async () => {
    const message = await queued();
    const before = await inspect(message.job_id);
    pass(MINUTE);
    // A stand-in for the platform's limit of CPU, beyond which nothing follows.
    const stopped = vi.spyOn(TextEncoder.prototype, 'encodeInto').mockImplementation(() => {
      throw new Error('stopped');
    });
    const touched = vi.spyOn(env.JOB_COORDINATOR, 'get');
    const batch = batchOf('gpu-jobs', [message]);
    const retries = batch.messages.map((one) => vi.spyOn(one, 'retry'));
    await worker.queue(batch, env);
    expect(retries.map(({ mock }) => mock.calls)).toEqual([[[]]]);
    expect(touched).not.toHaveBeenCalled();
    touched.mockRestore();
    stopped.mockRestore();
    expect(await inspect(message.job_id)).toEqual(before);
    expect((await deliver(message)).acked).toEqual(['m0']);
    expect(gpu.dispatchesOf(message.job_id)).toHaveLength(1);
  });

  test('URLs, claim and lease end with what was signed, however long the claim was on its way', async () => {
    const message = await queued(2);
    const signedAt = Date.now();
    const { get } = env.JOB_COORDINATOR;
    vi.spyOn(env.JOB_COORDINATOR, 'get').mockImplementationOnce((id) => {
      pass(MINUTE);
      return Reflect.apply(get, env.JOB_COORDINATOR, [id]);
    });
    await deliver(message);
    const until = signedAt + DAY;
    const [row] = await sqlIn(jobObject(message.job_id), 'SELECT state FROM job');
    expect(JSON.parse(String(row?.state))).toMatchObject({ putsExpireAt: until, runs: [{ urlsUntil: until }] });
    const { searchParams } = new URL(dispatchOf(message.job_id).items[0]?.output_url ?? '');
    expect([searchParams.get('X-Amz-Date'), searchParams.get('X-Amz-Expires')]).toEqual([
      '20300101T001000Z',
      String(DAY / 1000),
    ]);
  });

  test('what was signed for a claim that is refused leaves nothing behind', async () => {
    const message = await queued();
    await user.client.jobs.cancel.mutate({ jobId: message.job_id });
    const stateOf = () => sqlIn(jobObject(message.job_id), 'SELECT state FROM job');
    const before = await stateOf();
    expect((await deliver(message)).acked).toEqual(['m0']);
    expect(await stateOf()).toEqual(before);
  });

  test('photos that were settled while the message was on its way are not sent', async () => {
    const message = await queued(2);
    const job = { userId: user.userId, jobId: message.job_id, photos: 2, dispatch: { callback_token: '' } };
    const token = callbackToken(message.job_id, env.GPU_CALLBACK_SECRET ?? '');
    await finish({ ...job, dispatch: { ...message, callback_token: token } } as never, [0]);
    await deliver(message);
    expect(dispatchOf(message.job_id).items.map(({ idx }) => idx)).toEqual([1]);
  });
});

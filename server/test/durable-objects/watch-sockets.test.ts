/** The sockets of those who watch: what a client may send. */
import { evictDurableObject } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import { signUp, type User } from '../../../proving/world/workerd/client.ts';
import { createdJob, finish, range, runningJob } from '../../../proving/world/workerd/jobs.ts';
import { jobObject } from '../../../proving/world/workerd/objects.ts';
import { until, Watcher } from '../../../proving/world/workerd/watch.ts';

let user: User;
beforeEach(async () => {
  user = await signUp('pro');
});

describe('what a client may send', () => {
  test.for([
    ['no JSON', '{{{', 'VALIDATION_ERROR'],
    ['JSON that is no message', '[[1]]', 'VALIDATION_ERROR'],
    ['null', 'null', 'VALIDATION_ERROR'],
    ['a subscription without an id', { method: 'subscription', params: { path: 'jobs.watch' } }, 'VALIDATION_ERROR'],
    ['an id that is a book', { id: 'x'.repeat(65), method: 'subscription.stop' }, 'VALIDATION_ERROR'],
    ['bytes', new Uint8Array([1, 2, 3]).buffer, 'VALIDATION_ERROR'],
    ['brackets without end', '['.repeat(4000), 'VALIDATION_ERROR'],
    ['eleven messages at once', range(11).map((id) => ({ id, method: 'subscription.stop' })), 'VALIDATION_ERROR'],
  ] as const)('%s is answered with an error, and closed', async ([, frame, errorCode]) => {
    const job = await createdJob(user);
    const watcher = await Watcher.of(user, job.jobId);
    watcher.send(frame);
    expect(await watcher.untilClosed()).toMatchObject({ code: 1008 });
    expect(watcher.errors).toEqual([{ id: null, errorCode }]);
  });

  test.for([
    ['text', 'x'.repeat(4097)],
    ['text of few characters and many bytes', '한'.repeat(1400)],
    ['bytes', new ArrayBuffer(4097)],
  ] as const)('a frame of more than 4 kB of %s is too much', async ([, frame]) => {
    const job = await createdJob(user);
    const watcher = await Watcher.of(user, job.jobId);
    watcher.send(frame);
    expect(await watcher.untilClosed()).toMatchObject({ code: 1009 });
    expect(watcher.errors).toEqual([{ id: null, errorCode: 'PAYLOAD_TOO_LARGE' }]);
  });

  test('a wrong subscription is refused under its own id, in the shape of every error, and harms no other', async () => {
    const job = await createdJob(user);
    const { jobId } = job;
    const watcher = await Watcher.of(user, jobId);
    const other = await createdJob(user);
    const subscribe = (id: number, path: string, json: unknown) => ({
      id,
      method: 'subscription',
      params: { path, input: { json } },
    });
    watcher.send([
      subscribe(2, 'jobs.list', {}),
      { id: 3, method: 'query', params: { path: 'jobs.watch', input: { json: { jobId } } } },
      subscribe(4, 'jobs.watch', { jobId: other.jobId }),
      subscribe(5, 'jobs.watch', { jobId, lastEventId: 'yesterday' }),
      subscribe(6, 'jobs.watch', null),
      subscribe(1, 'jobs.watch', { jobId }),
    ]);
    await until(() => watcher.errors.length === 6, 'six errors');
    expect(watcher.errors).toEqual([
      { id: 2, errorCode: 'NOT_FOUND' },
      { id: 3, errorCode: 'NOT_FOUND' },
      { id: 4, errorCode: 'JOB_NOT_FOUND' },
      { id: 5, errorCode: 'VALIDATION_ERROR' },
      { id: 6, errorCode: 'VALIDATION_ERROR' },
      { id: 1, errorCode: 'VALIDATION_ERROR' },
    ]);
    const refused = watcher.frames.find(({ id }) => id === 5)?.error;
    expect(refused).toMatchObject({
      message: 'lastEventId: is not the id of an event',
      code: -32600,
      data: { code: 'BAD_REQUEST', httpStatus: 400, path: 'jobs.watch', details: { field: 'lastEventId' } },
    });
    expect(refused?.data.requestId).toMatch(/^req_[0-9a-f-]{36}$/);
    await user.client.jobs.cancel.mutate({ jobId });
    await watcher.untilEnd();
  });

  test('each message that is wrong is told what is wrong with it, under its own id, and its own path', async () => {
    const { jobId } = await createdJob(user);
    const watcher = await Watcher.open(user, jobId);
    const params = { path: 'jobs.watch', input: { json: { jobId } } };
    watcher.send([
      { id: 'a', method: 'subscription', params: { ...params, path: 'jobs.wotch' } },
      { id: 'b', method: 'subscribe', params },
      { id: 'c', method: 'subscription' },
      { id: 'd', method: 'subscription', params: { input: params.input } },
      { id: 'e', method: 'subscription', params: { ...params, input: { jobId } } },
      { id: 'f', method: 'subscription', params: { path: 'jobs.watch' } },
      { id: 'g', method: 'subscription', params: { ...params, lastEventId: 7 } },
      { id: 'h', jsonrpc: '1.0', method: 'subscription', params },
      { id: 'i', method: 'subscription', params: { ...params, path: `${'x'.repeat(127)}😀` } },
    ]);
    await until(() => watcher.errors.length === 9, 'nine errors');
    const said = watcher.frames.map(({ id, error }) => {
      const details = error?.data.details as { field?: string } | null;
      return [id, error?.data.errorCode, error?.data.path, details?.field];
    });
    expect(said).toEqual([
      ['a', 'NOT_FOUND', 'jobs.wotch', undefined],
      ['b', 'VALIDATION_ERROR', '', 'method'],
      ['c', 'VALIDATION_ERROR', '', 'params'],
      ['d', 'VALIDATION_ERROR', '', 'params.path'],
      ['e', 'VALIDATION_ERROR', 'jobs.watch', 'json'],
      ['f', 'VALIDATION_ERROR', 'jobs.watch', 'json'],
      ['g', 'VALIDATION_ERROR', 'jobs.watch', 'params.lastEventId'],
      ['h', 'VALIDATION_ERROR', '', 'jsonrpc'],
      ['i', 'NOT_FOUND', 'x'.repeat(127), undefined],
    ]);
    expect(watcher.frames[0]?.error?.message).toContain('No procedure found on path "jobs.wotch"');
    expect(watcher.closed).toBeNull();
  });

  test('who speaks JSON-RPC 2.0 is answered in it, to the end and over an eviction, and nobody else is', async () => {
    const job = await runningJob(user, 1);
    const { jobId } = job;
    const watcher = await Watcher.of(user, jobId);
    const params = { path: 'jobs.watch', input: { json: { jobId, lastEventId: null } }, lastEventId: null };
    watcher.send({ id: 'of-text', jsonrpc: '2.0', method: 'subscription', params });
    watcher.send({ id: 3, jsonrpc: '2.0', method: 'query', params });
    await until(() => watcher.errors.length === 1, 'the refused query');
    await evictDurableObject(jobObject(jobId));
    await finish(job, [0]);
    const ends = () => watcher.frames.filter(({ result }) => result?.type === 'stopped');
    await until(() => ends().length === 2, 'both ends');
    const spoken = (id: number | string) =>
      new Set(watcher.frames.filter((one) => one.id === id).map((one) => one.jsonrpc));
    expect([spoken('of-text'), spoken(3), spoken(1)]).toEqual([
      new Set(['2.0']),
      new Set(['2.0']),
      new Set([undefined]),
    ]);
    expect(watcher.frames.filter(({ id, event }) => id === 'of-text' && event !== undefined).length).toBeGreaterThan(2);
  });

  test('connection parameters are taken and ignored', async () => {
    const { jobId } = await createdJob(user);
    const watcher = await Watcher.open(user, jobId);
    watcher.send({ method: 'connectionParams', data: { authorization: 'whatever' } });
    watcher.subscribe(jobId);
    await until(() => watcher.told.length === 1, 'the first event');
    expect(watcher.errors).toEqual([]);
  });

  test('a subscription that is stopped is told nothing more, and another one may follow it', async () => {
    const job = await runningJob(user, 2);
    const watcher = await Watcher.of(user, job.jobId);
    watcher.send({ id: 1, method: 'subscription.stop' });
    await watcher.untilEnd();
    await finish(job, [0]);
    expect(watcher.photos).toEqual([]);
    watcher.subscribe(job.jobId, undefined, 2);
    await watcher.untilPhotos(1);
    expect(watcher.frames.filter(({ event }) => event?.type === 'item').map(({ id }) => id)).toEqual([2]);
  });

  test('two subscriptions on one socket are each told everything; a fifth is refused', async () => {
    const job = await runningJob(user, 2);
    const watcher = await Watcher.of(user, job.jobId);
    await finish(job, [0]);
    await watcher.untilPhotos(1);
    for (const id of [2, 3, 4, 5]) watcher.subscribe(job.jobId, id === 2 ? undefined : watcher.lastId, id);
    await until(() => watcher.errors.length === 1, 'the refusal');
    expect(watcher.errors).toEqual([{ id: 5, errorCode: 'VALIDATION_ERROR' }]);
    await finish(job, [1]);
    await watcher.untilClosed();
    const photosOf = (wanted: number) =>
      watcher.frames.flatMap(({ id, event }) => (id === wanted && event?.type === 'item' ? [event.idx] : []));
    expect([1, 2, 3, 4].map(photosOf)).toEqual([[0, 1], [0, 1], [1], [1]]);
    expect(watcher.frames.filter(({ result }) => result?.type === 'stopped')).toHaveLength(4);
  });
});

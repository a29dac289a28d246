/** What the GPU worker is sent, and what it may send back. */
import { describe, expect, test } from 'vitest';
import { callbackBatch, callbackSingle, STATUS_WORDS } from '../../src/contract/callback.ts';
import { queueMessage } from '../../src/contract/gpu-message.ts';
import { all } from '../../src/domain/bitmap.ts';
import { queueMessageOf } from '../../src/domain/job/message.ts';
import { viewOf } from '../../src/domain/presets.ts';
import { after, doneResult, photos, queued, report, runOf, uploaded } from './job/states.ts';

/** A queue message may have 128 KB: https://developers.cloudflare.com/queues/platform/limits/ */
const MAX_MESSAGE_BYTES = 128_000;

describe('the queue message', () => {
  test('is that of the contract, in snake_case, and names only keys: no URL but the callback, no secret', () => {
    const job = queued(1);
    const message = queueMessageOf(job, runOf(job), 4);
    expect(message).toEqual({
      job_id: 'j1',
      user_id: 'u1',
      attempt: 1,
      preset: 'interior',
      concepts: { Floor: { action: 'recolor', value: '#C8A27A' } },
      protect: ['Grout', 'Frame_Molding', 'Glass_highlight'],
      output_type: 'image/png',
      masks: true,
      items: [
        {
          idx: 0,
          input_key: 'inputs/u1/j1/0.jpg',
          output_key: 'outputs/u1/j1/0_result.png',
          preview_key: 'previews/u1/j1/0_thumb.jpg',
        },
      ],
      callback_url: 'https://api.test/jobs/j1/callback?attempt=1',
      idempotency_prefix: 'j1:1',
      batch_concurrency: 4,
      deadline: job.deadline,
    });
    expect(queueMessage.parse(message)).toEqual(message);
  });

  test('holds only photos that are still open', () => {
    const job = after(report(queued(3), [doneResult(1)]));
    expect(queueMessageOf(job, runOf(job), 4).items.map(({ idx }) => idx)).toEqual([0, 2]);
  });

  test('of 200 photos with the longest ids and everything chosen fits into the queue', () => {
    const { concepts, protectOnly } = viewOf('interior');
    const job = queued(200);
    const longest = {
      ...job,
      photos: photos(200),
      userId: 'u'.repeat(64),
      jobId: 'f'.repeat(64),
      source: { jobId: 'e'.repeat(64), indexes: photos(200).map((_, idx) => idx) },
      callbackBase: `https://${'a'.repeat(253)}`,
      choice: {
        concepts: Object.fromEntries(concepts.map(({ id }) => [id, { action: 'recolor' as const, value: '#FFFFFF' }])),
        protect: protectOnly.map(({ id }) => id),
        outputTemplate: 'three-variant-pack',
      },
    };
    const message = queueMessageOf(longest, { ...runOf(job), attempt: 999, photos: all(200) }, 64);
    expect(message.items).toHaveLength(200);
    expect(new TextEncoder().encode(JSON.stringify(message)).length).toBeLessThan(MAX_MESSAGE_BYTES);
  });

  test('cannot be made of a job that was not executed', () => {
    expect(() => queueMessageOf(uploaded(), runOf(queued()), 4)).toThrow('without a choice');
  });
});

describe('the callback body', () => {
  test.each(Object.entries(STATUS_WORDS))('takes each word for %s, in any case, and calls it that', (status, words) => {
    for (const word of words.flatMap((one) => [
      one,
      one.toUpperCase(),
      ` ${one.charAt(0).toUpperCase()}${one.slice(1)}\n`,
    ])) {
      expect(callbackSingle.parse({ idx: 0, status: word })).toEqual({ idx: 0, status });
    }
  });

  test('tells which words there are for a status', () => {
    const words =
      'done, completed, complete, finished, success, successful, succeeded; or failed, failure, fail, error, errored';
    for (const status of ['ok', 'running', '', 'done.', 'x'.repeat(1000), 7, null, undefined, ['done']]) {
      const issues = callbackSingle.safeParse({ idx: 0, status }).error?.issues ?? [];
      expect(issues.map(({ path, message }) => [path, message])).toEqual([
        [['status'], `must be a status, in any case: ${words}`],
      ]);
    }
  });

  test.each([
    ['an unknown status', { idx: 0, status: 'ok' }, ['status']],
    ['an index as text', { idx: '0', status: 'done' }, ['idx']],
    ['an index below 0', { idx: -1, status: 'done' }, ['idx']],
    ['an index above 199', { idx: 200, status: 'done' }, ['idx']],
    ['an attempt of 0', { idx: 0, status: 'done', attempt: 0 }, ['attempt']],
  ])('refuses %s', (_, body, path) => {
    expect(callbackSingle.safeParse(body).error?.issues.map((issue) => issue.path)).toEqual([path]);
    expect(callbackBatch.safeParse({ items: [body] }).error?.issues[0]?.path).toEqual(['items', 0, ...path]);
  });

  test('takes up to 200 results, and one at least', () => {
    const items = (total: number) => ({ items: Array.from({ length: total }, () => ({ idx: 0, status: 'done' })) });
    expect(callbackBatch.safeParse(items(200)).success).toBe(true);
    expect(callbackBatch.safeParse(items(201)).success).toBe(false);
    expect(callbackBatch.safeParse(items(0)).success).toBe(false);
  });

  test('ignores what it does not know, takes null for nothing, and cuts long reasons', () => {
    const body = { idx: 3, status: 'failed', error: 'x'.repeat(10_000), output_key: null, seconds: 4.2 };
    const parsed = callbackSingle.parse(body);
    expect(parsed).toEqual({ idx: 3, status: 'failed', error: 'x'.repeat(500), output_key: null });
  });

  test('cuts a reason before the character that does not fit, and makes half a character whole', () => {
    const reasonOf = (error: string) => callbackSingle.parse({ idx: 0, status: 'failed', error }).error;
    expect(reasonOf(`${'x'.repeat(499)}😀`)).toBe('x'.repeat(499));
    expect(reasonOf('too dark \ud83d')).toBe('too dark \ufffd');
  });
});

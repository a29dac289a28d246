/** Callbacks when the line or the server fails; server/test/doors/webhooks.test.ts sends them to the real endpoint. */
import { expect, test } from 'vitest';
import { createReporterWith, type GpuResult, type ReporterOptions } from '../../src/webhooks/reporter.ts';
import { FakeClock } from '../support.ts';
import { MESSAGE } from './message.ts';

type Sent = { headers: Headers; body: { items?: unknown[] } & Record<string, unknown> };
type Step = number | 'cut' | 'html' | { status: number; retryAfter: string };

/** A reporter whose requests meet `steps`, one after the other; the last one stays. */
function setUp(steps: Step[], options: Omit<ReporterOptions, 'fetch'> = {}) {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const fetch = async (_: string, init?: RequestInit): Promise<Response> => {
    const body = JSON.parse(String(init?.body));
    sent.push({ headers: new Headers(init?.headers), body });
    const step = steps[Math.min(sent.length, steps.length) - 1] ?? 200;
    if (step === 'cut') throw new TypeError('fetch failed');
    if (step === 'html') return new Response('<html>', { status: 502 });
    const { status, retryAfter } = typeof step === 'number' ? { status: step, retryAfter: null } : step;
    const items = (body.items ?? [body]).map(({ idx }: { idx: number }) => ({ idx, outcome: 'accepted' }));
    const ok = status < 300;
    const answer = {
      success: ok,
      data: ok ? { status: 'running', items } : null,
      error: ok ? null : { code: 'RATE_LIMITED', message: 'no' },
    };
    return Response.json(answer, { status, headers: retryAfter === null ? {} : { 'retry-after': retryAfter } });
  };
  return { clock, sent, reporter: createReporterWith(MESSAGE, { ...options, fetch }, clock) };
}
const failed: GpuResult = { idx: 0, status: 'failed', error: 'x' };

test('a cut line, a proxy’s page and 503 are tried again with full jitter, under one key', async () => {
  const { reporter, sent, clock } = setUp(['cut', 'html', 503, 200]);
  await reporter.report(failed);
  expect(sent).toHaveLength(4);
  expect(new Set(sent.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1);
  expect(clock.slept).toEqual([250, 500, 1000]);
});

test('a Retry-After is kept, up to a minute', async () => {
  const { reporter, clock } = setUp([{ status: 429, retryAfter: '7' }, { status: 429, retryAfter: '3600' }, 200]);
  await reporter.report(failed);
  expect(clock.slept).toEqual([7_000, 60_000]);
});

test('after maxRetries the last error is thrown', async () => {
  const { reporter, sent } = setUp(['cut'], { maxRetries: 2 });
  await expect(reporter.report(failed)).rejects.toMatchObject({ code: 'NETWORK_ERROR', status: null, retryable: true });
  expect(sent).toHaveLength(3);
});

test('each try is signed anew under the same id', async () => {
  const { reporter, sent } = setUp(['cut', 200], { auth: 'signature' });
  await reporter.report(failed);
  const [first, second] = sent.map(({ headers }) => headers);
  expect(second?.get('webhook-id')).toBe(first?.get('webhook-id'));
  expect(first?.get('authorization')).toBeNull();
  expect(first?.get('webhook-signature')).toMatch(/^v1,/);
});

test('keys of photos, attempt and idempotency keys come from the message; a missing preview is not claimed', async () => {
  const { reporter, sent } = setUp([200]);
  await reporter.report([
    { idx: 1, status: 'done' },
    { idx: 2, status: 'done', preview: false },
  ]);
  expect(sent[0]?.body).toEqual({
    job_id: 'j0b',
    items: [
      {
        idx: 1,
        status: 'done',
        attempt: 1,
        idempotency_key: 'j0b:1:1',
        output_key: 'outputs/1_result.png',
        preview_key: 'previews/1_thumb.jpg',
      },
      { idx: 2, status: 'done', attempt: 1, idempotency_key: 'j0b:1:2', output_key: 'outputs/2_result.png' },
    ],
  });
});

test('more than 200 results go in several requests, and their answers are one', async () => {
  const { reporter, sent } = setUp([200]);
  const results = Array.from({ length: 401 }, (_, n): GpuResult => ({ idx: n % 200, status: 'failed', error: `${n}` }));
  const answer = await reporter.report(results);
  expect(sent.map(({ body }) => body.items?.length)).toEqual([200, 200, 1]);
  expect(answer.items).toHaveLength(401);
});

test('different photos, and different ends of one, never share a key', async () => {
  const { reporter, sent } = setUp([200]);
  for (const idx of [0, 1]) {
    await reporter.report({ idx, status: 'done' });
    await reporter.report({ idx, status: 'failed', error: 'x' });
  }
  expect(new Set(sent.map(({ headers }) => headers.get('idempotency-key'))).size).toBe(4);
});

test('a signal that fires ends the tries with ABORTED', async () => {
  const controller = new AbortController();
  const { reporter, clock, sent } = setUp(['cut']);
  clock.sleep = async () => controller.abort();
  await expect(reporter.report(failed, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' });
  expect(sent).toHaveLength(1);
});

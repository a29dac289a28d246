/** A run at a worker that speaks the reference worker's HTTP: its output, its reasons, and its end when nobody wants it any more. */
import { afterEach, expect, test } from 'vitest';
import { type Served, serve } from '../../local/serve.ts';
import { WorkerDied } from '../../provider/gpu-worker.ts';
import { runAt } from '../../provider/reference-worker.ts';

let served: Served | undefined;
afterEach(() => served?.close());

/** A worker that answers so, question by question; the last answer stays. */
async function worker(...answers: (object | number)[]) {
  const asked: string[] = [];
  served = await serve((request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname} ${request.headers.get('authorization')}`);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return typeof answer === 'number'
      ? Response.json({ error: { message: 'no' } }, { status: answer })
      : Response.json(answer);
  });
  return { door: { url: served.url, apiKey: 'k' }, asked };
}
const never = new AbortController().signal;

test('a run that is completed has its output', async () => {
  const { door, asked } = await worker(
    { id: '7', status: 'IN_QUEUE' },
    { status: 'IN_PROGRESS' },
    { status: 'COMPLETED', output: 3 },
  );
  expect(await runAt(door, { a: 1 }, never)).toBe(3);
  expect(asked).toEqual(['POST /run Bearer k', 'GET /status/7 Bearer k', 'GET /status/7 Bearer k']);
});

test.each([
  [[400], 'the GPU worker answered 400: no'],
  [[{ id: '7' }, { status: 'FAILED', error: '2 results could not be delivered' }], '2 results could not be delivered'],
  [[{ id: '7' }, { status: 'TIMED_OUT' }], 'the run is TIMED_OUT'],
  [[{ id: '7' }, 404], 'the GPU worker answered 404: no'],
])('a run that ends otherwise has the reason: %#', async (answers, reason) => {
  const { door } = await worker(...answers);
  await expect(runAt(door, {}, never)).rejects.toThrow(reason);
});

test('a run that nobody wants any more is canceled at the worker', async () => {
  const { door, asked } = await worker({ id: '7' }, { status: 'IN_PROGRESS' }, { status: 'CANCELLED' });
  const stop = new AbortController();
  const run = runAt(door, {}, stop.signal);
  stop.abort();
  await expect(run).rejects.toThrow('the run is CANCELLED');
  expect(asked).toContain('POST /cancel/7 Bearer k');
});

test('a worker that cannot be reached is taken for dead', async () => {
  const { door } = await worker({});
  served?.close();
  await expect(runAt(door, {}, never)).rejects.toBeInstanceOf(WorkerDied);
});

/** Workers whose photos take a set time, behind the provider front, on a clock that is moved. */
import { beforeEach, expect, test } from 'vitest';
import type { DispatchMessage } from '../../server/src/contract/gpu-message.ts';
import { type FrontOptions, ProviderFront } from '../../start/provider/front.ts';
import { ManualClock } from '../../start/provider/manual-clock.ts';
import { type TimedOptions, timedWorker } from '../world/timed-worker.ts';

const SECOND = 1_000;
const LIMITS = { executionMs: 600_000, ttlMs: 86_400_000 };
let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

const message = (attempt: number, from: number, photos: number) =>
  ({
    attempt,
    items: Array.from({ length: photos }, (_, at) => ({
      idx: from + at,
      output_key: `o${from + at}`,
      preview_key: 'p',
    })),
  }) as unknown as DispatchMessage;

type Told = { at: number; idx: number; status: string; attempt?: number; error?: string };

function workers(count: number, options: Partial<TimedOptions>, more: Partial<FrontOptions> = {}) {
  const told: Told[] = [];
  const stored: number[] = [];
  const delivery = {
    store: async (_: unknown, { idx }: { idx: number }) => void stored.push(idx),
    report: async (_: unknown, result: object) => void told.push({ at: clock.now(), ...(result as Omit<Told, 'at'>) }),
  };
  const all = Array.from({ length: count }, () => timedWorker({ clock, seconds: 0.7, delivery, ...options }));
  return { front: new ProviderFront({ workers: all, clock, ...more }), told, stored };
}

test('200 photos of 0.7 s in four runs are done by four warm workers within 35 s, the first after 0.7 s', async () => {
  const { front, told, stored } = workers(4, {}, { scaleDelayMs: 0 });
  for (let run = 0; run < 4; run++) front.submit(message(run + 1, 50 * run, 50), LIMITS);
  await clock.pass(60 * SECOND);
  expect([told[0]?.at, told.at(-1)?.at]).toEqual([700, expect.closeTo(35_000, 3)]);
  expect(new Set(told.map(({ idx }) => idx)).size).toBe(200);
  expect([stored.length, front.health().jobs.completed]).toEqual([200, 4]);
});

test('each photo is reported by itself, once it is stored, under its attempt unless told otherwise', async () => {
  const { front, told, stored } = workers(1, {
    seconds: ({ idx }) => idx + 1,
    fails: ({ idx }) => (idx === 1 ? 'not found in this photo: Floor' : null),
    namesAttempt: ({ attempt }) => attempt === 1,
  });
  front.submit(message(1, 0, 2), LIMITS);
  front.submit(message(2, 2, 1), LIMITS);
  await clock.pass(60 * SECOND);
  expect(told).toMatchObject([
    { at: 1000, idx: 0, status: 'done', attempt: 1 },
    { at: 3000, idx: 1, status: 'failed', error: 'not found in this photo: Floor', attempt: 1 },
    { at: 6000, idx: 2, status: 'done' },
  ]);
  expect([told.map((result) => 'attempt' in result), stored]).toEqual([
    [true, true, false],
    [0, 2],
  ]);
});

test('what is canceled in the middle reports nothing more, and its worker takes the next', async () => {
  const { front, told } = workers(1, {});
  const { id } = front.submit(message(1, 0, 10), LIMITS);
  front.submit(message(2, 10, 1), LIMITS);
  await clock.pass(SECOND);
  front.cancel(id);
  await clock.pass(SECOND);
  expect(told.map(({ idx }) => idx)).toEqual([0, 10]);
});

test('a result that cannot be delivered fails the run with the reason', async () => {
  const report = () => Promise.reject(new Error('a callback was answered 401: no'));
  const { front } = workers(1, { delivery: { store: async () => {}, report } });
  const { id } = front.submit(message(1, 0, 1), LIMITS);
  await clock.pass(SECOND);
  expect(front.status(id)).toMatchObject({ status: 'FAILED', error: 'a callback was answered 401: no' });
});

/** The provider front's door: who is let in, and what is no run. */
import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../provider/manual-clock.ts';
import { hands, SECOND } from './hands.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

describe('the door', () => {
  test('is closed to who has no key, on every path', async () => {
    const { ask, names } = hands(clock, 1);
    for (const [method, path] of [
      ['POST', '/run'],
      ['GET', '/status/x'],
      ['POST', '/cancel/x'],
      ['GET', '/health'],
    ] as const) {
      for (const key of ['', 'KEY', 'key2'])
        expect((await ask(method, path, method === 'POST' ? {} : undefined, key)).status).toBe(401);
    }
    await clock.pass(60 * SECOND);
    expect(names()).toEqual([]);
  });

  test('takes the paths of Runpod with and without the endpoint, and no others', async () => {
    const { ask } = hands(clock, 1);
    expect((await ask('POST', '/v2/abc123/run', { input: {} })).status).toBe(200);
    expect((await ask('GET', '/v2/abc123/health')).status).toBe(200);
    for (const path of ['/', '/runs', '/run/x', '/status', '/v2/run', '/health/x'])
      expect((await ask('GET', path)).status).toBe(404);
    for (const [method, path] of [
      ['GET', '/run'],
      ['POST', '/status/x'],
      ['GET', '/cancel/x'],
    ] as const) {
      expect((await ask(method, path)).status).toBe(405);
    }
  });

  test.for([
    ['{', 400],
    ['[]', 400],
    ['{"input": "text"}', 400],
    ['{"policy": {}}', 400],
    ['{"input": {}, "policy": {"executionTimeout": 4999}}', 400],
    ['{"input": {}, "policy": {"ttl": 9999}}', 400],
    ['{"input": {}, "policy": {"ttl": 604800001}}', 400],
    ['{"input": {}, "policy": {"ttl": "1"}}', 400],
    ['{"input": {}, "policy": {"executionTimeout": 5000, "ttl": 604800000}}', 200],
    ['{"input": {}}', 200],
    [`{"input": {"long": "${'x'.repeat(10 * 1024 * 1024)}"}}`, 413],
  ] as const)('answers a run as it comes: %#', async ([body, status]) => {
    expect((await hands(clock, 1).ask('POST', '/run', body)).status).toBe(status);
  });

  test('takes a thousand runs in ten seconds, and says 429 to the next', async () => {
    const { ask } = hands(clock, 1);
    const answers = await Promise.all(Array.from({ length: 1001 }, () => ask('POST', '/run', { input: {} })));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
    await clock.pass(10 * SECOND);
    expect((await ask('POST', '/run', { input: {} })).status).toBe(200);
  });

  test('says no for as long as it is told to, and takes nothing meanwhile', async () => {
    const { ask, refuse, front } = hands(clock, 1);
    for (const status of [429, 503]) {
      refuse(status);
      expect((await ask('POST', '/run', { input: {} })).status).toBe(status);
    }
    expect(front.health().jobs.inQueue).toBe(0);
    refuse(null);
    expect((await ask('POST', '/run', { input: {} })).status).toBe(200);
  });
});

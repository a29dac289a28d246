/** The conformance suite against the test double. */
import { expect, test } from 'vitest';
import { createClient } from '../../src/index.ts';
import { createTestServer } from '../../src/testing/index.ts';
import { CASES, type Env } from './cases.ts';
import { until } from './expect.ts';

function doubleEnv(): Env {
  const server = createTestServer({ gpu: 'manual' });
  return {
    baseUrl: server.baseUrl,
    fetch: server.fetch,
    WebSocket: server.WebSocket,
    createClient,
    control: {
      async dispatched(jobId, attempt = 1) {
        const sent = async () => server.gpu.messages.find((one) => one.job_id === jobId && one.attempt === attempt);
        const message = await until(sent, (found) => found !== undefined, 'the dispatch');
        return { indexes: message?.items.map(({ idx }) => idx) ?? [] };
      },
      done: async (jobId, idx) => server.gpu.done(jobId, idx),
      fail: async (jobId, idx, reason) => server.gpu.fail(jobId, idx, reason),
      upgrade: async (userId) => server.setPlan(userId, 'pro'),
    },
  };
}

test('no two cases have one name', () => {
  expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length);
});

test.each(CASES)('$name', ({ run }) => run(doubleEnv()));

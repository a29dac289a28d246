/**
 * Every test file in workerd starts with a migrated, empty D1. In every test time stands still, the queue holds what is
 * sent, and the only place that can be reached outside is the scripted GPU provider.
 */
import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { stopClock } from '../../proving/world/workerd/clock.ts';
import { expectNoUnexpectedRequests, startGpu } from '../../proving/world/workerd/gpu.ts';
import { holdQueue } from '../../proving/world/workerd/queue.ts';

await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);

function start(): void {
  stopClock();
  startGpu();
  holdQueue();
}
beforeAll(start);
beforeEach(start);

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  expectNoUnexpectedRequests();
});

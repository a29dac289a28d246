/** The photo by which `npm run deploy` proves a deployment, sent through the whole stack. */
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { createClient } from '../../../client-sdk/dist/index.js';
import { type CanaryClient, runCanary } from '../../../start/deploy/canary.ts';
import { prove } from '../../../start/deploy/proof.ts';
import { type Stack, type StackOptions, startStack } from '../../../start/local/stack.ts';
import { type Program, startListening } from './support.ts';

let stack: Stack | undefined;
let gpu: Program | undefined;
afterEach(async () => {
  await stack?.stop();
  await gpu?.stop();
  [stack, gpu] = [undefined, undefined];
});

const LIMITS = { health: 10_000, pause: 100, canary: 60_000 };
/** With no platform to ask, another version than before has all requests. */
async function proofOf(options: StackOptions) {
  const started = await startStack(options);
  stack = started;
  const client = createClient({ baseUrl: started.baseUrl }) as CanaryClient;
  const seen = await prove({
    baseUrl: started.baseUrl,
    before: 'older',
    traffic: async () => [{ version: 'newer', percentage: 100 }],
    canary: () => runCanary(client, LIMITS.canary),
    limits: LIMITS,
  });
  return { ...seen, tail: started.tail() };
}

it('a stack that works is proved: a photo went through, and came back changed', async () => {
  const { ok, said, tail } = await proofOf({});
  expect(ok, `${said.join('\n')}\n${tail}`).toBe(true);
  expect(said.join('\n')).toMatch(
    /health: 200\njob \S+: done, its photo done, 1 credits charged\nits result is \d+×\d+, /,
  );
});

it('a GPU worker that gives the photo back as it is proves nothing', async () => {
  const worker = fileURLToPath(new URL('../../../examples/gpu_worker.py', import.meta.url));
  gpu = await startListening('python3', [worker], { PORT: '0', GPU_API_KEY: 'key' });
  const { ok, said } = await proofOf({ gpu: { url: `http://127.0.0.1:${gpu.port}`, apiKey: 'key' } });
  expect([ok, said.at(-1)]).toEqual([false, expect.stringContaining('that is the photo again')]);
});

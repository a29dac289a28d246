/** The client's conformance suite against the whole local stack. The test double passes the same one. */
import { afterAll, beforeAll, test } from 'vitest';
import { createClient } from '../../../client-sdk/src/index.ts';
import { CASES } from '../../../client-sdk/test/conformance/cases.ts';
import { type ScriptedGpu, startScriptedGpu } from '../../../client-sdk/test/conformance/scripted-gpu.ts';
import { type Stack, startStack } from '../../../start/local/stack.ts';

let gpu: ScriptedGpu;
let stack: Stack;
beforeAll(async () => {
  gpu = await startScriptedGpu(() => ({ baseUrl: stack.baseUrl, adminSecret: stack.secrets.ADMIN_SECRET ?? '' }));
  stack = await startStack({ gpu: { url: gpu.url } });
});
afterAll(async () => {
  await stack?.stop();
  gpu?.close();
});

test.each(CASES)('$name', ({ run }) =>
  run({ baseUrl: stack.baseUrl, fetch, WebSocket, createClient, control: gpu.control }));

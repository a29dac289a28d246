import { env, exports } from 'cloudflare:workers';
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import superjson from 'superjson';
import { expect, test, vi } from 'vitest';
import { runInDurableObject, listDurableObjectIds, runDurableObjectAlarm, createMessageBatch, createExecutionContext } from 'cloudflare:test';
import worker from '../../src/index.ts';
test('probe', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2030-01-01T00:00:00Z') });
  const client: any = createTRPCClient({ links: [httpBatchLink({ url: 'https://api.test/trpc', transformer: superjson, fetch: (i: any, init: any) => (exports as any).default.fetch(i, init) })] });
  const s = await client.auth.anon.mutate({});
  console.log(s);
  const e: any = env;
  const stub = e.USER_LIMITER.get(e.USER_LIMITER.idFromName(s.userId));
  await runInDurableObject(stub, async (inst: any, state: any) => {
    console.log('same env', inst.env === e, 'queue', inst.env.GPU_QUEUE === e.GPU_QUEUE, 'db', inst.env.DB === e.DB, 'ns', inst.env.JOB_COORDINATOR === e.JOB_COORDINATOR, await state.storage.getAlarm(), Date.now());
  });
  console.log((await listDurableObjectIds(e.USER_LIMITER)).length);
  const spy = vi.spyOn(e.GPU_QUEUE, 'send').mockImplementation(async () => {});
  await runInDurableObject(stub, async (inst: any) => { await inst.env.GPU_QUEUE.send({}); });
  console.log('send spied', spy.mock.calls.length);
  console.log(Object.getOwnPropertyNames(Object.getPrototypeOf(e.GPU_QUEUE)), Object.getPrototypeOf(e.DB) === Object.getPrototypeOf(e.DB));
  const bspy = vi.spyOn(e.DB, 'batch').mockRejectedValue(new Error('D1_ERROR: boom'));
  await runInDurableObject(stub, async (inst: any) => { await inst.env.DB.batch([]).catch((x: any) => console.log(String(x))); });
  console.log('batch spied', bspy.mock.calls.length);
  vi.useRealTimers();
});

/** The scripted GPU provider at https://gpu.test. Every other outgoing request is unexpected and fails the test. */
import { env } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import { Provider } from '../gpu.ts';

export { answering, losingTheAnswer } from '../gpu.ts';

export const gpu = new Provider({ origin: env.GPU_URL, apiKey: env.GPU_API_KEY });

export function startGpu(): void {
  gpu.reset();
  vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => gpu.answer(new Request(input, init)));
}

export function expectNoUnexpectedRequests(): void {
  expect(gpu.unexpected).toEqual([]);
}

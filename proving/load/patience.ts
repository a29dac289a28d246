/** A client that goes on after what passes: the API is down, or a slot is not free yet. The same call, so the same idempotency key. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isS3Error } from '@s3-workers/client-sdk';
import type { Tally } from './tally.ts';

/** Whether the stack is down, or was a moment ago: then failed calls are no surprise. */
export type Weather = { disturbed(): boolean };

/** How long a client goes on, in milliseconds. */
const LIMIT_MS = 300_000;

export async function patiently<T>(work: () => Promise<T>, tally: Tally): Promise<T> {
  const until = Date.now() + LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const wait = waitAfter(error, tally);
      if (wait === null || Date.now() > until) throw error;
      await sleep(wait * (0.5 + Math.random()));
    }
  }
}

function waitAfter(error: unknown, tally: Tally): number | null {
  if (isS3Error(error, 'CONCURRENCY_LIMIT')) {
    tally.add('waitsForSlot');
    return 300;
  }
  const passing = ['NETWORK_ERROR', 'SERVICE_UNAVAILABLE', 'INTERNAL_ERROR'] as const;
  return passing.some((code) => isS3Error(error, code)) ? 1_000 : null;
}

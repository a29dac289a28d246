/**
 * Time stands still in every test, at a date in the future: nothing moves unless the test says so, and no alarm fires by
 * itself, because the platform's own clock is not there yet. A test that wants an alarm calls {@link wake}.
 */
import { runDurableObjectAlarm } from 'cloudflare:test';
import { vi } from 'vitest';

export { DAY, HOUR, MINUTE, SECOND } from '../clock.ts';

/** Ten minutes into a half hour, so that the rounding of signing times shows. */
export const START = Date.parse('2030-01-01T00:10:00.000Z');

export function stopClock(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
}

/** Lets that many milliseconds pass. */
export function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

/** Runs the object's alarm as if its time had come; false when none is set. An alarm that throws fails the test. */
export function wake(stub: DurableObjectStub): Promise<boolean> {
  return runDurableObjectAlarm(stub);
}

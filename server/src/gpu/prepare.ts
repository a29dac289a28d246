/** Everything about a run's message that takes time, done before anything is claimed for it. */
import type { QueueMessage } from '../contract/gpu-message.ts';
import { attemptDeadlineOf } from '../domain/job/dispatch.ts';
import { workMs } from '../domain/job/runs.ts';
import type { Settings } from '../settings/settings.ts';
import type { DispatchOutcome } from './dispatcher.ts';
import { dispatchMessage } from './message.ts';
import { dispatcherOf } from './provider.ts';
import type { Prepared } from './send.ts';

/**
 * Signs every URL and writes the whole body, which is what takes time: who is stopped at it, as the platform does beyond a limit of CPU, has
 * claimed nothing.
 */
export function prepare(message: QueueMessage, now: number, settings: Settings): Prepared {
  const photos = message.items.length;
  const until = message.deadline ?? attemptDeadlineOf(photos, now, settings.job);
  const dispatcher = dispatcherOf(settings);
  // Development without a provider: the job waits for whoever calls back.
  if (dispatcher === null) return { until, send: async () => ({ kind: 'accepted', providerId: null }) };
  const signed = dispatchMessage(message, now, until, settings);
  const limits = { workMs: workMs(photos, settings.job), untilMs: until - now };
  const whole = dispatcher.bodyOf(signed, limits);
  const send = (open: readonly number[]): Promise<DispatchOutcome> => {
    const wanted = new Set(open);
    const items = signed.items.filter(({ idx }) => wanted.has(idx));
    // Seldom fewer: only where results came while the message was on its way.
    const body = items.length === signed.items.length ? whole : dispatcher.bodyOf({ ...signed, items }, limits);
    return dispatcher.dispatch(body);
  };
  return { until, send };
}

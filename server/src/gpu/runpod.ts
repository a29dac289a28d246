/**
 * Runpod Serverless. GPU_URL is the endpoint, such as https://api.runpod.ai/v2/abc123; /run, /status and /cancel follow.
 * @see https://docs.runpod.io/serverless/endpoints/send-requests
 */
import type { Dispatcher } from './dispatcher.ts';
import { askRun, cancelRun, type ProviderDoor, startRun } from './provider-call.ts';

/** Runpod takes no shorter limits than these (milliseconds). */
const MIN_EXECUTION_MS = 5_000;
const MIN_TTL_MS = 10_000;

export function runpodDispatcher(door: ProviderDoor): Dispatcher {
  return {
    bodyOf: (message, { workMs, untilMs }) =>
      JSON.stringify({
        input: message,
        policy: { executionTimeout: Math.max(MIN_EXECUTION_MS, workMs), ttl: Math.max(MIN_TTL_MS, untilMs) },
      }),
    dispatch: (body) => startRun(door, '/run', body, true),
    status: (providerId) => askRun(door, providerId),
    cancel: (providerId) => cancelRun(door, providerId),
  };
}

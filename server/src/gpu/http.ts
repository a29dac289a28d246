/**
 * Any worker that takes the message itself as a POST to GPU_URL. `/status/{id}` and `/cancel/{id}` below that URL are
 * optional: a worker that gives no id, or answers 404, simply cannot be asked or canceled.
 */
import type { Dispatcher } from './dispatcher.ts';
import { askRun, cancelRun, type ProviderDoor, startRun } from './provider-call.ts';

export function httpDispatcher(door: ProviderDoor): Dispatcher {
  return {
    bodyOf: (message) => JSON.stringify(message),
    dispatch: (body) => startRun(door, '', body, false),
    status: (providerId) => askRun(door, providerId),
    cancel: (providerId) => cancelRun(door, providerId),
  };
}

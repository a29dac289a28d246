/** The provider that GPU_PROVIDER names. */
import type { Settings } from '../settings/settings.ts';
import type { Dispatcher } from './dispatcher.ts';
import { httpDispatcher } from './http.ts';
import { runpodDispatcher } from './runpod.ts';

/** Null when no provider is configured, which only development allows: jobs then wait for whoever calls back. */
export function dispatcherOf(settings: Settings): Dispatcher | null {
  const { provider, url, apiKey } = settings.gpu;
  if (url === null) return null;
  const door = { url, apiKey, timeoutMs: settings.numbers.PROVIDER_TIMEOUT_MS };
  switch (provider) {
    case 'runpod':
      return runpodDispatcher(door);
    case 'http':
      return httpDispatcher(door);
  }
}

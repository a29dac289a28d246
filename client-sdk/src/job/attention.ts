/** When waiting makes no sense any more: the network is back, the page is looked at again, or somebody here says so. */
import { abortable } from '../abort.ts';

/** `online` and `offline`: the system's word of the network. `visible`: the page is looked at again. `asked`: by this package itself. */
export type Call = 'online' | 'offline' | 'visible' | 'asked';
/** Calls back at each such moment; returns how to end that. */
export type Attention = (callback: (call: Call) => unknown) => () => void;

/** What a browser's global scope has and other runtimes have not. */
interface Scope {
  addEventListener?(type: string, listener: () => unknown): void;
  removeEventListener?(type: string, listener: () => unknown): void;
}

const scope = globalThis as Scope & { document?: Scope & { visibilityState?: string } };

/** Returns how to end it. */
function listener(at: Scope | undefined, type: string, told: () => unknown): () => void {
  at?.addEventListener?.(type, told);
  return () => at?.removeEventListener?.(type, told);
}

export function createAttention(): { listen: Attention; nudge(): void } {
  const callbacks = new Set<(call: Call) => void>();
  return {
    nudge() {
      for (const callback of [...callbacks]) callback('asked');
    },
    listen(callback) {
      const { document } = scope;
      const own = (call: Call) => void callback(call);
      const forget = [
        listener(scope, 'online', () => own('online')),
        listener(scope, 'offline', () => own('offline')),
        listener(document, 'visibilitychange', () => document?.visibilityState === 'visible' && own('visible')),
      ];
      callbacks.add(own);
      return () => {
        callbacks.delete(own);
        for (const one of forget) one();
      };
    },
  };
}

/** Resolves with the next moment that something may have become possible; rejects with ABORTED as soon as the signal fires. */
export function nextCall(attention: Attention, signal: AbortSignal): Promise<void> {
  let ignore = () => {};
  const called = new Promise<void>((resolve) => {
    ignore = attention((call) => call !== 'offline' && resolve());
  });
  return abortable(called, signal).finally(ignore);
}

/** Whether the system itself says that there is no network. */
export const isOffline = (): boolean =>
  (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine === false;

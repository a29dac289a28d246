/** When waiting makes no sense any more: the network is back, the page is looked at again, or somebody here says so. */

/** `online` and `offline`: the system's word of the network. `visible`: the page is looked at again. `asked`: by this package itself. */
export type Call = 'online' | 'offline' | 'visible' | 'asked';
/** Calls back at each such moment; returns how to end that. */
export type Attention = (callback: (call: Call) => void) => () => void;

/** What a browser's global scope has and other runtimes have not. */
interface Scope {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

export function createAttention(): { listen: Attention; nudge(): void } {
  const callbacks = new Set<(call: Call) => void>();
  const tell = (call: Call) => {
    for (const callback of [...callbacks]) callback(call);
  };
  const online = () => tell('online');
  const offline = () => tell('offline');
  const scope = globalThis as Scope & { document?: Scope & { visibilityState?: string } };
  const looked = () => {
    if (scope.document?.visibilityState === 'visible') tell('visible');
  };
  const events = (): [at: Scope | undefined, type: string, listener: () => void][] => [
    [scope, 'online', online],
    [scope, 'offline', offline],
    [scope.document, 'visibilitychange', looked],
  ];
  return {
    nudge: () => tell('asked'),
    listen(callback) {
      const own = (call: Call) => callback(call);
      if (callbacks.size === 0) for (const [at, ...event] of events()) at?.addEventListener?.(...event);
      callbacks.add(own);
      return () => {
        callbacks.delete(own);
        if (callbacks.size > 0) return;
        for (const [at, ...event] of events()) at?.removeEventListener?.(...event);
      };
    },
  };
}

/** Resolves with the next moment that something may have become possible. `ignore` ends the listening. */
export function nextCall(attention: Attention): [called: Promise<void>, ignore: () => void] {
  let ignore = () => {};
  const called = new Promise<void>((resolve) => {
    ignore = attention((call) => {
      if (call !== 'offline') resolve();
    });
  });
  return [called, ignore];
}

/** Whether the system itself says that there is no network. */
export const isOffline = (): boolean =>
  (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine === false;

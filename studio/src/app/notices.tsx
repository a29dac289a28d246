/** What holds for the whole page: no line, and a browser that keeps nothing. */
import { useSyncExternalStore } from 'react';
import { useWords } from '../words/index.ts';
import { storageWarning } from './client.ts';
import { appWords } from './words.ts';

const line = {
  read: () => navigator.onLine,
  subscribe(listener: () => void) {
    addEventListener('online', listener);
    addEventListener('offline', listener);
    return () => {
      removeEventListener('online', listener);
      removeEventListener('offline', listener);
    };
  },
};

export function Notices() {
  const w = useWords(appWords);
  const online = useSyncExternalStore(line.subscribe, line.read);
  const warning = useSyncExternalStore(storageWarning.subscribe, storageWarning.read);
  return (
    <div role="status" className="text-sm">
      {!online && <p className="border-line border-b bg-well px-4 py-2 sm:px-6">{w.offline}</p>}
      {warning !== null && <p className="border-line border-b bg-well px-4 py-2 sm:px-6">{w.memoryOnly}</p>}
    </div>
  );
}

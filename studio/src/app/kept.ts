/** A value that the browser keeps over a reload, for components to share. Where storage is forbidden it lives as long as the page. */
import { useSyncExternalStore } from 'react';

export interface Kept<T> {
  read(): T;
  put(value: T): void;
  subscribe(listener: () => void): () => void;
}

/** @param checked what was stored, by whatever version of the page, or null where it is of no use */
export function kept<T>(name: string, initial: T, checked: (stored: unknown) => T | null): Kept<T> {
  const key = `s3-studio-${name}`;
  let value = stored(key, checked) ?? initial;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  // What another tab has put is not overwritten by what this one knew before.
  globalThis.addEventListener?.('storage', (event) => {
    if (event.key !== key && event.key !== null) return;
    value = stored(key, checked) ?? initial;
    tell();
  });
  return {
    read: () => value,
    put(next) {
      value = next;
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // Forbidden or full: it is kept in memory.
      }
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function stored<T>(key: string, checked: (value: unknown) => T | null): T | null {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : checked(JSON.parse(text));
  } catch {
    return null;
  }
}

export const useKept = <T>({ read, subscribe }: Kept<T>): T => useSyncExternalStore(subscribe, read, read);

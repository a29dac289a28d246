/** The one client of the page. The API is where the page comes from. */
import { createClient, type StorageWarning, webStorage } from '@s3-workers/client-sdk';
import { QueryClient } from '@tanstack/react-query';

let warning: StorageWarning | null = null;
const listeners = new Set<() => void>();

export const client = createClient({
  baseUrl: location.origin,
  storage: webStorage(undefined, {
    onWarning(told) {
      warning = told;
      for (const listener of [...listeners]) listener();
    },
  }),
});

/** That the browser lets nothing be kept: the user, and what was uploaded, are gone with the page. */
export const storageWarning = {
  read: () => warning,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export const queryClient = new QueryClient({
  defaultOptions: {
    // The client tries again by itself.
    queries: { retry: false, staleTime: 30_000, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
});

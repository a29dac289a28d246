/** Where the anonymous session is kept between page loads. */
import { isControlFlow } from './errors.ts';

/** A place for one small string per key, as secret as a password. What it throws reaches the caller. */
export interface SessionStorage {
  get(key: string): string | null | Promise<string | null>;
  set(key: string, value: string): void | Promise<void>;
  remove(key: string): void | Promise<void>;
  /** Runs `work` while nobody else who shares this storage does; left out where nobody shares it. */
  exclusive?<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Whether an anonymous user may be made that is kept here; true when left out. False for a page that a server renders. */
  mayHoldUser?(): boolean;
}

/** What `localStorage`, `sessionStorage` and React Native's `AsyncStorage` have in common. */
export interface WebStorageLike {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** What an app is told of once: it goes on, but what it keeps is gone with the page. */
export interface StorageWarning {
  type: 'storage';
  message: string;
  /** What the storage threw. */
  cause: unknown;
}

/** Lives as long as the client: the default. */
export function memoryStorage(): SessionStorage {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => {
      values.set(key, value);
    },
    remove: (key) => {
      values.delete(key);
    },
  };
}

/** The part of the Web Locks API that is used here; not every browser has it. */
interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
  request<T>(name: string, options: { mode: 'shared' }, work: () => Promise<T>): Promise<T>;
  query(): Promise<{ held?: { name?: string }[] }>;
}
export const locksHere = (): Locks | undefined => {
  const { locks } = (globalThis as { navigator?: { locks?: Locks } }).navigator ?? {};
  return locks;
};

/**
 * `localStorage` as it is found on first use, or a storage of its shape. Two tabs that open at once become one user. What can't be kept
 * there (storage that is denied, full, or missing) is kept in memory, and the first time `onWarning` is called, or the console warned. On
 * a server, where there is no page, nobody is signed up.
 */
export function webStorage(
  storage?: WebStorageLike,
  { onWarning = warn }: { onWarning?: ((warning: StorageWarning) => void) | undefined } = {},
): SessionStorage {
  const here = () => storage ?? (globalThis as { localStorage: WebStorageLike }).localStorage;
  const isPage = () => storage !== undefined || 'window' in globalThis;
  /** What could not be written there; null for what could not be removed. */
  const instead = new Map<string, string | null>();
  let warned = false;
  const attempt = async <T>(work: () => T | Promise<T>): Promise<T | null> => {
    // Node has a `localStorage` as well, of all its users.
    if (!isPage()) return null;
    try {
      return await work();
    } catch (cause) {
      if (isControlFlow(cause)) throw cause;
      if (!warned) onWarning({ type: 'storage', message: `The session is kept in memory only: ${cause}`, cause });
      warned = true;
      return null;
    }
  };
  const write = async (key: string, value: string | null, work: () => unknown): Promise<void> => {
    instead.set(key, value);
    await attempt(async () => {
      await work();
      instead.delete(key);
    });
  };
  return {
    get: (key) => (instead.has(key) ? (instead.get(key) ?? null) : attempt(() => here().getItem(key))),
    set: (key, value) => write(key, value, () => here().setItem(key, value)),
    remove: (key) => write(key, null, () => here().removeItem(key)),
    exclusive,
    mayHoldUser: isPage,
  };
}

/** In a page without an origin of its own locks are there, and refused. */
async function exclusive<T>(key: string, work: () => Promise<T>): Promise<T> {
  const locks = locksHere();
  let began = false;
  const begin = () => {
    began = true;
    return work();
  };
  if (!locks) return work();
  return locks.request(key, begin).catch((error) => {
    if (began) throw error;
    return work();
  });
}

const warn = ({ message }: StorageWarning): void => console.warn(message);

/** A storage of the app's, in whichever shape. */
export const storageOf = (given: SessionStorage | WebStorageLike): SessionStorage =>
  'getItem' in given ? webStorage(given) : given;

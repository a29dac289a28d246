/** Where the anonymous session is kept between page loads. */

/** A place for one small string per key, as secret as a password. What it throws reaches the caller. */
export interface SessionStorage {
  get(key: string): string | null | Promise<string | null>;
  set(key: string, value: string): void | Promise<void>;
  remove(key: string): void | Promise<void>;
  /** Runs `work` while nobody else who shares this storage does; left out where nobody shares it. */
  exclusive?<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** What `localStorage` and `sessionStorage` have in common. */
export interface WebStorageLike {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
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
type Locks = { request<T>(name: string, work: () => Promise<T>): Promise<T> };

/** `webStorage(localStorage)`, or anything shaped like it. Two tabs that open at once become one user. */
export function webStorage(storage: WebStorageLike): SessionStorage {
  const { locks } = (globalThis as { navigator?: { locks?: Locks } }).navigator ?? {};
  return {
    get: (key) => storage.getItem(key),
    set: (key, value) => storage.setItem(key, value),
    remove: (key) => storage.removeItem(key),
    exclusive: (key, work) => (locks === undefined ? work() : locks.request(key, work)),
  };
}

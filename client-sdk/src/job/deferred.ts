/** Values from outside the flow that waits for them. */

/** A promise that is settled from outside. */
export interface Deferred<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Holds the latest value until it is taken. */
export interface Mailbox<T> {
  put(value: T): void;
  /** The value that lies there, or the next. */
  take(): Promise<T>;
}

export function mailbox<T>(): Mailbox<T> {
  let latest: T;
  let arrived = deferred<void>();
  return {
    put(value) {
      latest = value;
      arrived.resolve();
    },
    async take() {
      await arrived.promise;
      arrived = deferred();
      return latest;
    },
  };
}

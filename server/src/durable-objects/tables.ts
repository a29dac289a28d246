import { log } from '../log.ts';

const finds = ({ sql }: DurableObjectStorage, what: string, ...bound: string[]): boolean =>
  sql.exec(`SELECT 1 FROM sqlite_master WHERE ${what} LIMIT 1`, ...bound).toArray().length > 0;

/**
 * Whether what is stored in an object without tables of ours is an earlier service's, under the same class: an alarm of that service may wake
 * it. It stays as it is, and the log tells once.
 */
export function isForeign({ id, storage }: DurableObjectState): boolean {
  // The platform keeps the alarm there.
  const found = finds(storage, "name <> '_cf_METADATA'");
  if (found) log('warn', 'object.foreign', { object: id.toString() });
  return found;
}

/** An object's tables, which come with its first write: looking at an object that never was leaves nothing behind. */
export class Tables {
  readonly #storage: DurableObjectStorage;
  readonly #create: string;
  #exist: boolean;

  /** @param name of one of them @param create makes all of them @param sign what its statement holds, of a name that others may use as well */
  constructor(storage: DurableObjectStorage, name: string, create: string, sign = '') {
    this.#storage = storage;
    this.#create = create;
    this.#exist = finds(storage, 'name = ? AND instr(sql, ?)', name, sign);
  }

  get exist(): boolean {
    return this.#exist;
  }

  /** All of it or nothing, the tables as well if they were not there. */
  transaction<T>(write: () => T): T {
    const result = this.#storage.transactionSync(() => {
      if (!this.#exist) this.#storage.sql.exec(this.#create);
      return write();
    });
    this.#exist = true;
    return result;
  }

  /** They went with all of the storage. */
  gone(): void {
    this.#exist = false;
  }
}

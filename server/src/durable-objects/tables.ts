/** An object's tables, which come with its first write: looking at an object that never was leaves nothing behind. */
export class Tables {
  readonly #storage: DurableObjectStorage;
  readonly #create: string;
  #exist: boolean;

  /** @param name of one of them @param create makes all of them */
  constructor(storage: DurableObjectStorage, name: string, create: string) {
    this.#storage = storage;
    this.#create = create;
    this.#exist = storage.sql.exec('SELECT 1 FROM sqlite_master WHERE name = ?', name).toArray().length > 0;
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

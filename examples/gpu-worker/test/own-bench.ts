// A storage and a GPU worker for each test of a file: neither sees what another test left.

import { afterEach, beforeEach } from 'vitest';
import { type Bench, startBench } from './bench.ts';
import { Storage } from './storage.ts';

export class OwnBench {
  #storage: Storage | null = null;
  #bench: Bench | null = null;

  /** Call it once at the top of the file. */
  static forEachTest(): OwnBench {
    const own = new OwnBench();
    beforeEach(async () => {
      own.#storage = await new Storage().start();
      own.#bench = await startBench();
    });
    afterEach(async () => {
      await own.#bench?.worker.close();
      await own.#storage?.stop();
    });
    return own;
  }

  get storage(): Storage {
    if (this.#storage === null) throw new Error('there is a storage within a test only');
    return this.#storage;
  }

  get bench(): Bench {
    if (this.#bench === null) throw new Error('there is a worker within a test only');
    return this.#bench;
  }

  /** The test wants a worker with other options. */
  async restart(options: Parameters<typeof startBench>[0]): Promise<void> {
    await this.bench.worker.close();
    this.#bench = await startBench(options);
  }
}

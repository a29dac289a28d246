/** The stack under load: started, killed with SIGKILL at planned moments, started again on the same port and state. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TemporaryFolder, temporaryFolder } from '../../start/ending.ts';
import { type Stack, type StackOptions, startStack } from '../../start/local/stack.ts';
import type { Provider } from './options.ts';
import { LOAD_VARS } from './settings.ts';
import type { Tally } from './tally.ts';

/** For so long after a restart, calls that were sent before it may still come to their end. */
const AFTERMATH_MS = 21_000;
/** Between tries to start it: after a kill in the middle of writing, and on a busy machine, the first ones may fail. */
const START_PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000];

export type KeeperOptions = {
  gpu: { url: string; apiKey: string };
  /** The form of the first start; null: both, in turns. */
  provider: Provider | null;
  logFile: string;
  keep: boolean;
  /** The run is worth nothing any more, for this reason. */
  onSpoilt(reason: string): void;
};

export class StackKeeper {
  readonly persistTo: string;
  readonly #temporary: TemporaryFolder | null;
  readonly #options: KeeperOptions;
  readonly #tally: Tally;
  #stack: Stack | null = null;
  #starts = 0;
  #calmFrom = 0;
  #ending = false;
  #restarting: Promise<void> | null = null;

  constructor(options: KeeperOptions, tally: Tally) {
    this.#options = options;
    this.#temporary = options.keep ? null : temporaryFolder('s3-load-');
    this.persistTo = this.#temporary?.path ?? mkdtempSync(path.join(tmpdir(), 's3-load-'));
    this.#tally = tally;
  }

  get stack(): Stack {
    if (this.#stack === null) throw new Error('the stack is down');
    return this.#stack;
  }

  /** Whether calls may fail now because of a kill. */
  disturbed(): boolean {
    return this.#stack === null || Date.now() < this.#calmFrom;
  }

  async start(): Promise<Stack> {
    return this.#start({});
  }

  /** SIGKILL to everything, and a new start. Returns when the API answers again. */
  kill(): Promise<void> {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = null;
    });
    return this.#restarting;
  }

  async end(): Promise<void> {
    this.#ending = true;
    await this.#stack?.stop();
    this.#temporary?.remove();
  }

  async #restart(): Promise<void> {
    const { stack } = this;
    this.#stack = null;
    this.#tally.add('kills');
    await stack.kill();
    if (this.#ending) return;
    try {
      await this.#start({ port: stack.port, storagePort: stack.storagePort });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.onSpoilt(`the stack could not be started again: ${reason}`);
      return;
    }
    this.#calmFrom = Date.now() + AFTERMATH_MS;
  }

  async #start(ports: Pick<StackOptions, 'port' | 'storagePort'>): Promise<Stack> {
    const { gpu, provider, logFile } = this.#options;
    const gpuProvider = provider ?? (this.#starts % 2 === 0 ? 'runpod' : 'http');
    this.#starts++;
    const onLine = (_: string, line: string) => {
      // wrangler watches the source: a new Worker on old state, and every object reset, is not what is measured here.
      if (line.includes('Reloading local server')) this.#options.onSpoilt('the source was edited during the run');
    };
    const options = { ...ports, persistTo: this.persistTo, gpu, gpuProvider, vars: LOAD_VARS, logFile, onLine };
    for (let tries = 0; ; tries++) {
      try {
        const stack = await startStack(options);
        if (stack.health.status !== 200) throw new Error(`/health: ${JSON.stringify(stack.health.body)}`);
        this.#stack = stack;
        void stack.ended.then((reason) => this.#onEnd(stack, reason));
        return stack;
      } catch (error) {
        const pause = START_PAUSES_MS[tries];
        if (pause === undefined || this.#ending) throw error;
        await sleep(pause);
      }
    }
  }

  /** wrangler that ends by itself is no part of the plan. */
  #onEnd(stack: Stack, reason: string): void {
    if (this.#stack === stack && !this.#ending) this.#options.onSpoilt(`the stack ended by itself: ${reason}`);
  }
}

/** The parts of one test server, put together. */

import type { Ceilings } from '../../../server/src/durable-objects/user-limiter/ceilings.ts';
import type { PlanId } from '../generated/types.ts';
import type { TestAccount } from './account.ts';
import { ceilingsOnMemory } from './ceilings.ts';
import { ServerClock } from './clock.ts';
import { Faults } from './faults.ts';
import { type GpuScript, ScriptedGpu } from './gpu.ts';
import type { TestJob } from './job.ts';
import { DEFAULTS, type TestSettings } from './settings.ts';
import { TestStorage } from './storage.ts';
import type { Surroundings } from './surroundings.ts';

/** How a test server starts. */
export interface TestServerOptions {
  /**
   * What the GPU worker does: a script, or `manual` for nothing until `gpu.done` and `gpu.fail` say so. Left out, every photo is
   * done as soon as its job is dispatched.
   */
  gpu?: GpuScript | 'manual' | undefined;
  /** The plan of every new user: `free` when left out. `pro` brings its credits on top. */
  plan?: PlanId | undefined;
  /** The time at which the server's clock stands still until `clock.advance`. Left out, it runs as the system's does. */
  now?: Date | number | undefined;
  /** Where the server seems to be; `https://s3.test` when left out. */
  baseUrl?: string | undefined;
  /** Deadlines and limits in place of those of production. */
  settings?: Partial<TestSettings> | undefined;
}

export class World implements Surroundings {
  readonly baseUrl: string;
  readonly plan: PlanId;
  readonly clock: ServerClock;
  readonly settings: TestSettings;
  readonly storage: TestStorage;
  readonly gpu: ScriptedGpu;
  readonly faults: Faults;
  readonly accounts = new Map<string, TestAccount>();
  readonly jobs = new Map<string, TestJob>();
  /** Ids of jobs by user and idempotency key. */
  readonly jobIds = new Map<string, string>();
  /** Users by the sign-up key that made them. */
  readonly signups = new Map<string, string>();
  readonly sessions = new Map<string, { userId: string; issuedAt: number; expiresAt: number }>();
  /** Who may watch which job, by ticket. */
  readonly tickets = new Map<string, { jobId: string; userId: string; sessionFrom: number; expiresAt: number }>();
  readonly ceilings: Ceilings;
  dropSockets = () => {};
  /** Time for the server's own code, the same in each run. */
  readonly timing = { now: () => this.clock.now(), random: () => 0.5 };
  readonly #numbers = new Map<string, number>();
  /** What is under way that nobody waits for. */
  readonly #underWay = new Set<Promise<unknown>>();

  constructor({ gpu, plan = 'free', now, baseUrl = 'https://s3.test', settings }: TestServerOptions) {
    this.baseUrl = baseUrl;
    this.plan = plan;
    this.clock = new ServerClock(now === undefined ? undefined : Number(now));
    this.settings = { ...DEFAULTS, ...settings };
    this.storage = new TestStorage(baseUrl, this.clock, this.settings);
    this.gpu = new ScriptedGpu(this, gpu === 'manual' ? null : (gpu ?? {}));
    this.ceilings = ceilingsOnMemory(this.timing.now, this.settings);
    this.faults = new Faults(() => this.dropSockets());
  }

  /** Begins what nobody waits for, but for {@link idle}. */
  readonly background = (work: Promise<unknown>): void => {
    const watched: Promise<unknown> = work.catch(() => {}).finally(() => this.#underWay.delete(watched));
    this.#underWay.add(watched);
  };

  /** Resolves when nothing is under way: so whatever was reported before a request shows in its answer. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  unique(name: string, digits = 1): string {
    const number = (this.#numbers.get(name) ?? 0) + 1;
    this.#numbers.set(name, number);
    return `${name}${number.toString(16).padStart(digits, '0')}`;
  }
}

/** What the parts of one test server take of each other: world.ts puts them together. */
import type { CallbackOutcome, CallbackResult } from '../../../server/src/contract/callback.ts';
import type { QueueMessage } from '../../../server/src/contract/gpu-message.ts';
import type { Decision, JobSettings, JobState } from '../../../server/src/domain/job/state.ts';
import type { Settle } from '../../../server/src/domain/ledger.ts';
import type { Result } from '../../../server/src/domain/result.ts';
import type { ServerClock } from './clock.ts';
import type { TestSettings } from './settings.ts';
import type { TestStorage } from './storage.ts';

/** A job, for the GPU worker and for other jobs. */
export interface JobPart {
  readonly state: JobState;
  apply<T>(decide: (job: JobState, now: number, settings: JobSettings) => Decision<T>): Result<T>;
  report(results: CallbackResult[]): Result<CallbackOutcome[]>;
}

export interface Surroundings {
  readonly clock: ServerClock;
  readonly settings: TestSettings;
  readonly storage: TestStorage;
  readonly gpu: { take(message: QueueMessage): void; stop(jobId: string): void };
  readonly accounts: ReadonlyMap<string, { settle(command: Settle, endedAt: number, now: number): void }>;
  readonly jobs: ReadonlyMap<string, JobPart>;
  /** Photos that all users together have let through to the GPU, by day. */
  readonly dispatched: Map<number, number>;
  /** A text that no other call gives, the same in each run: `name` and a number of at least `digits` digits. */
  unique(name: string, digits?: number): string;
}

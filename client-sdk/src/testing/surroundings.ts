/** What the parts of one test server take of each other: world.ts puts them together. */
import type { QueueMessage } from '../../../server/src/contract/gpu-message.ts';
import type { JobState } from '../../../server/src/domain/job/state.ts';
import type { JobCoordinator } from '../../../server/src/durable-objects/job-coordinator/coordinator.ts';
import type { UserOfJob } from '../../../server/src/durable-objects/job-coordinator/ports.ts';
import type { Ceilings } from '../../../server/src/durable-objects/user-limiter/ceilings.ts';
import type { ServerClock } from './clock.ts';
import type { TestSettings } from './settings.ts';
import type { TestStorage } from './storage.ts';

/** A job, for its user, the GPU worker and other jobs. */
export interface JobPart {
  /** Null once it has forgotten itself. */
  readonly state: JobState | null;
  readonly gpu: Pick<JobCoordinator['gpu'], 'take' | 'follow'>;
  readonly inside: Pick<JobCoordinator['inside'], 'abandon' | 'endWatching' | 'giveBack' | 'needsInputs'>;
}

export interface Surroundings {
  readonly clock: ServerClock;
  /** Time and chance for the server's own code. */
  readonly timing: { now(): number; random(): number };
  readonly settings: TestSettings;
  readonly storage: TestStorage;
  readonly gpu: { take(message: QueueMessage): void; stop(runId: string): void };
  readonly accounts: ReadonlyMap<string, { readonly forJobs: UserOfJob }>;
  readonly jobs: ReadonlyMap<string, JobPart>;
  /** What all users share of a day. */
  readonly ceilings: Ceilings;
  /** Begins what nobody waits for, but for the next request. */
  background(work: Promise<unknown>): void;
  /** A text that no other call gives, the same in each run: `name` and a number of at least `digits` digits. */
  unique(name: string, digits?: number): string;
}

/** What a promise of a step is told: of a user, and of a job. */
import type { JobState } from '../../server/src/domain/job/state.ts';
import type { Hold } from '../../server/src/domain/ledger.ts';
import type { JobLook, UserLook } from '../world/workerd/look.ts';
import type { Dispatched } from './outside.ts';
import type { RunStatus } from './provider.ts';
import type { ModelJob, ModelUser } from './world.ts';

export type UserView = {
  user: ModelUser;
  before: UserLook | null;
  now: UserLook;
  /** What is known of the job behind a hold. */
  jobOf: (hold: Hold) => { job: ModelJob; look: JobLook } | null;
  time: number;
  /** Nothing is under way that was not answered yet. */
  still: boolean;
  alarmRuns: boolean;
};

export type JobView = {
  job: ModelJob;
  before: JobState | null;
  now: JobState;
  owes: { name: string; due: number }[];
  alarm: number | null;
  hold: Hold | null;
  stored: ReadonlySet<string>;
  /** What the job found when it looked for its results: an answer may be late, and tell of what lay there before. */
  looks: readonly ReadonlySet<string>[];
  /** What came to the provider of it, and what was answered. */
  dispatched: readonly Dispatched[];
  /** What the provider said of runs in this step, by its names for them. */
  heard: ReadonlyMap<string, readonly RunStatus[]>;
  /** Runs of which it ever said that somebody works on them. */
  working: ReadonlySet<string>;
  time: number;
  still: boolean;
  alarmRuns: boolean;
};

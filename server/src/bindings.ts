/** What the platform hands to the Worker and its objects: wrangler.toml has the same names. The settings among them are read in settings/. */
import type { QueueMessage } from './contract/gpu-message.ts';
import type { JobObject } from './durable-objects/job-coordinator/calls.ts';
import type { UserObject } from './durable-objects/user-limiter/calls.ts';
import type { SettingTexts } from './settings/names.ts';

export interface Env extends SettingTexts {
  DB: D1Database;
  R2: R2Bucket;
  GPU_QUEUE: Queue<QueueMessage>;
  /** Sign-ups per address and minute. */
  SIGNUP_LIMIT: RateLimit;
  /** Mutations per user, router and minute. */
  MUTATION_LIMIT: RateLimit;
  USER_LIMITER: DurableObjectNamespace<UserObject>;
  JOB_COORDINATOR: DurableObjectNamespace<JobObject>;
}

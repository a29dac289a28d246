/** Deadlines and limits of the test server. A test holds the defaults against the server's own. */

import type { PlanId } from '../generated/types.ts';

/** Deadlines and limits, in milliseconds where nothing else is said; what is left out is as in production. */
export interface TestSettings {
  /** How long a job waits for its photos, from when their URLs were asked for last, and at the most. */
  createdMs: number;
  createdMaxMs: number;
  /** How long it waits to be executed. */
  uploadedMs: number;
  /** How long the work may take in all. */
  executionMs: number;
  /** How long a GPU worker may show no sign of life before its photos are sent again. */
  leaseMs: number;
  /** What each photo adds to the time that a run may work. */
  attemptPerPhotoMs: number;
  /** How often a photo is tried. */
  maxAttempts: number;
  /** Runs of a job that are out at once. */
  maxRuns: number;
  /** Photos of a job's first run, and of the others, at most. */
  firstRunPhotos: number;
  runPhotos: number;
  /** After how long without a sign of life the GPU provider is asked. */
  askMs: number;
  /** How long results may still come of a run that is over there. */
  completeMs: number;
  /** How long a GPU provider that takes no run is left alone: at first, and at most. */
  refusedMs: number;
  refusedMaxMs: number;
  /** How long a signed upload is good. */
  uploadUrlMs: number;
  /** How long inputs of a job that was never executed are kept after its end at most. */
  inputRetentionMs: number;
  /** How long results are kept after a job's end, and the inputs with them. */
  resultRetentionMs: number;
  /** How long after their job was created photos may be made into another one. */
  lendMs: number;
  /** How long after its last signed upload a job's storage is looked at once more. */
  lastLookMs: number;
  /** How long the server waits before it tries again what failed. */
  effectGraceMs: number;
  /** How long a signed download is good; it is signed anew each `downloadRoundingMs`. */
  downloadUrlMs: number;
  downloadRoundingMs: number;
  /** How long a session's token is good, and for how long after that it can be renewed. */
  tokenMs: number;
  tokenRenewMs: number;
  /** How long the same sign-up key gives the same user. */
  signupRepeatMs: number;
  /** How long a ticket admits to live progress. */
  ticketMs: number;
  /** Sockets that may watch one job. */
  watchMaxSockets: number;
  /** How long a socket may be open without a subscription, and how long in all. */
  watchIdleMs: number;
  watchSocketMs: number;
  /** Photos that all users together may send to the GPU in a day of UTC. */
  dailyPhotos: number;
  /** What one user may take in a day, by plan. */
  allowances: Record<PlanId, TestAllowance>;
}

/** A plan's limits on what is not paid for. */
export interface TestAllowance {
  /** Jobs created in a day. */
  dailyJobs: number;
  /** Photos sent to the GPU in a day beyond those charged. */
  dailyUnpaidPhotos: number;
  /** `jobs.list`, `jobs.estimate` and `user.ledger` in an hour. */
  hourlyQueries: number;
  /** Rules created and changed in a day. */
  dailyRuleChanges: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const DEFAULTS: TestSettings = {
  createdMs: HOUR,
  createdMaxMs: DAY,
  uploadedMs: DAY,
  executionMs: DAY,
  leaseMs: 15 * MINUTE,
  attemptPerPhotoMs: MINUTE,
  maxAttempts: 3,
  maxRuns: 4,
  firstRunPhotos: 4,
  runPhotos: 12,
  askMs: 30 * SECOND,
  completeMs: 30 * SECOND,
  refusedMs: 5 * SECOND,
  refusedMaxMs: 10 * MINUTE,
  uploadUrlMs: 15 * MINUTE,
  inputRetentionMs: DAY,
  resultRetentionMs: 30 * DAY,
  lendMs: 120 * DAY,
  lastLookMs: 30 * MINUTE,
  effectGraceMs: 30 * SECOND,
  downloadUrlMs: HOUR,
  downloadRoundingMs: 30 * MINUTE,
  tokenMs: 30 * DAY,
  tokenRenewMs: 30 * DAY,
  signupRepeatMs: DAY,
  ticketMs: MINUTE,
  watchMaxSockets: 20,
  watchIdleMs: MINUTE,
  watchSocketMs: HOUR,
  dailyPhotos: 20_000,
  allowances: {
    free: { dailyJobs: 30, dailyUnpaidPhotos: 20, hourlyQueries: 600, dailyRuleChanges: 200 },
    pro: { dailyJobs: 500, dailyUnpaidPhotos: 600, hourlyQueries: 3_000, dailyRuleChanges: 2_000 },
  },
};

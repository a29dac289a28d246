/** The arrows of DESIGN.md, "The job": which state may follow which. The one place where tests have them. */
import type { JobStatus } from '../../../src/contract/jobs.ts';

export const TRANSITIONS: Record<JobStatus, readonly JobStatus[]> = {
  created: ['uploaded', 'canceled'],
  uploaded: ['queued', 'canceled'],
  // Straight to failed when no dispatch ever reached the provider: dead letter, deadline, last attempt.
  queued: ['running', 'failed', 'canceled'],
  running: ['done', 'failed', 'canceled'],
  done: [],
  failed: [],
  canceled: [],
};

/** A job starts with uploads to come, or on the photos of another job. */
export const INITIAL: readonly JobStatus[] = ['created', 'uploaded'];

export const arrows = Object.entries(TRANSITIONS).flatMap(([from, targets]) => targets.map((to) => `${from} → ${to}`));

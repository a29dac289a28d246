/** A job of which nothing is known yet. */
import type { JobState } from './types.ts';

export const UNKNOWN: JobState = {
  phase: 'preparing',
  jobId: null,
  status: null,
  uploaded: 0,
  uploadedBytes: 0,
  totalBytes: 0,
  progress: 0,
  etaMs: null,
  busy: false,
  done: 0,
  failed: 0,
  total: 0,
  items: [],
  connection: 'idle',
  paused: false,
  missing: [],
  waiting: null,
  refused: [],
  result: null,
  error: null,
};

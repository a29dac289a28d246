/** The Worker's settings during a load run: the same rules with shorter deadlines, so that what is dropped comes back within seconds. */

/** A run without a sign of life is given up after this time. Longer than a restart takes, so that runs outlive one. */
export const LEASE_MS = 10_000;
/** How long the Worker waits for the GPU worker's answer to a dispatch. */
export const PROVIDER_TIMEOUT_MS = 2_500;
/** A job of which something is open so long after its execution ends by itself: those that no provider takes. */
export const EXECUTION_MS = 180_000;
/** The Worker's own number, and the production value. */
export const MAX_ATTEMPTS = 3;

export const ADMIN_SECRET = 'load-run-admin-secret-of-more-than-32-bytes';

export const LOAD_VARS: Record<string, string> = {
  ADMIN_SECRET,
  JOB_EXECUTION_MS: String(EXECUTION_MS),
  JOB_LEASE_MS: String(LEASE_MS),
  JOB_ATTEMPT_PER_PHOTO_MS: '1000',
  JOB_MAX_ATTEMPTS: String(MAX_ATTEMPTS),
  JOB_EFFECT_GRACE_MS: '3000',
  HOLD_CHECK_MS: '8000',
  EFFECT_TIMEOUT_MS: '5000',
  PROVIDER_TIMEOUT_MS: String(PROVIDER_TIMEOUT_MS),
  GPU_RETRY_SECONDS: '1',
  GPU_REFUSED_MAX_MS: '8000',
  GPU_ASK_MS: '2000',
  GPU_COMPLETE_MS: '2000',
  // Ten photos, as the load's jobs have, go in four runs.
  GPU_RUN_FIRST_PHOTOS: '2',
  GPU_RUN_PHOTOS: '3',
  // Clean-up is part of the run: what a job left over is deleted soon after the last signed PUT has expired.
  UPLOAD_URL_SECONDS: '60',
  JOB_INPUT_RETENTION_MS: '0',
  JOB_LAST_LOOK_MS: '1000',
};

/** The platform behind a job's ports: the user's object, other jobs', R2, D1, the queue and the GPU provider. */
import type { Env } from '../../bindings.ts';
import { outputTypeOf } from '../../contract/gpu-message.ts';
import { eraseJob, flushJob } from '../../db/job-history.ts';
import { formatOf } from '../../domain/presets.ts';
import { prepare } from '../../gpu/prepare.ts';
import { dispatcherOf } from '../../gpu/provider.ts';
import { SIGNATURE_LIFE_MS } from '../../security/callback-auth.ts';
import { settingsOf } from '../../settings/settings.ts';
import { deleteUnder } from '../../storage/deletion.ts';
import { listInputs, lookAtEnd } from '../../storage/inventory.ts';
import { presignDownload } from '../../storage/presign.ts';
import type { Clock, History, Limits, OtherJob, Outside, Photos, UserOfJob } from './ports.ts';

/** LIST and DELETE pairs in one wake-up. */
const BATCHES = 20;

export const CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  wait: (ms) => scheduler.wait(ms),
};

export function outsideOf(env: Env): Outside {
  const { USER_LIMITER, JOB_COORDINATOR } = env;
  return {
    user: (userId): UserOfJob => USER_LIMITER.get(USER_LIMITER.idFromName(userId)),
    job: (jobId): OtherJob => JOB_COORDINATOR.get(JOB_COORDINATOR.idFromString(jobId)),
    photos: photosIn(env),
    history: historyIn(env.DB),
    send: async (message) => void (await env.GPU_QUEUE.send(message)),
    prepare: (message, now) => prepare(message, now, settingsOf(env)),
    provider: () => dispatcherOf(settingsOf(env)),
  };
}

const photosIn = (env: Env): Photos => ({
  listInputs: (job) => listInputs(env.R2, job),
  look: (job, done) => lookAtEnd(env.R2, job, done, outputTypeOf(formatOf(job.choice ?? {}))),
  deleteUnder: (prefixes, keep) => deleteUnder(env.R2, prefixes, keep, BATCHES),
  download: (key, now) => presignDownload(key, now, settingsOf(env)),
});

const historyIn = (db: D1Database): History => ({
  write: (job, errors, at) => flushJob(db, job, errors, at),
  erase: (jobId) => eraseJob(db, jobId),
});

export function limitsOf(env: Env): Limits {
  const { job, numbers } = settingsOf(env);
  return {
    job,
    effectMs: numbers.EFFECT_TIMEOUT_MS,
    providerMs: numbers.PROVIDER_TIMEOUT_MS,
    batchConcurrency: numbers.GPU_BATCH_CONCURRENCY,
    signatureMs: SIGNATURE_LIFE_MS,
    watch: {
      sockets: numbers.WATCH_MAX_SOCKETS,
      socketMs: numbers.WATCH_SOCKET_MS,
      idleMs: numbers.WATCH_IDLE_MS,
      closeMs: numbers.WATCH_CLOSE_MS,
      tokenMs: numbers.TOKEN_SECONDS * 1000,
    },
  };
}

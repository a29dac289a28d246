/** A run on its way to the provider, the same for whoever brings it: it is signed, then claimed, then sent. */
import type { QueueMessage } from '../contract/gpu-message.ts';
import { attemptDeadlineOf, type Claim } from '../domain/job/dispatch.ts';
import { workMs } from '../domain/job/runs.ts';
import { log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import type { DispatchOutcome } from './dispatcher.ts';
import { dispatchMessage } from './message.ts';
import { dispatcherOf } from './provider.ts';

/** A message with all that takes time done. `until`: when its URLs end; `send` sends those photos that are still open. */
export type Prepared = { until: number; send(open: readonly number[]): Promise<DispatchOutcome> };

/** What the run's job is told. */
export type RunCalls = {
  beginDispatch(attempt: number, signedUntil: number): Claim | Promise<Claim>;
  confirmDispatch(attempt: number, providerId: string | null): void | Promise<void>;
  refuseDispatch(attempt: number, said: string): void | Promise<void>;
  rejectDispatch(attempt: number, said: string): void | Promise<void>;
};

/**
 * Signs every URL and writes the whole body, which is what takes time: who is stopped at it, as the platform does beyond a limit of CPU, has
 * claimed nothing.
 */
export function prepare(message: QueueMessage, now: number, settings: Settings): Prepared {
  const photos = message.items.length;
  const until = message.deadline ?? attemptDeadlineOf(photos, now, settings.job);
  const dispatcher = dispatcherOf(settings);
  // Development without a provider: the job waits for whoever calls back.
  if (dispatcher === null) return { until, send: async () => ({ kind: 'accepted', providerId: null }) };
  const signed = dispatchMessage(message, now, until, settings);
  const limits = { workMs: workMs(photos, settings.job), untilMs: until - now };
  const whole = dispatcher.bodyOf(signed, limits);
  const send = (open: readonly number[]): Promise<DispatchOutcome> => {
    const wanted = new Set(open);
    const items = signed.items.filter(({ idx }) => wanted.has(idx));
    // Seldom fewer: only where results came while the message was on its way.
    const body = items.length === signed.items.length ? whole : dispatcher.bodyOf({ ...signed, items }, limits);
    return dispatcher.dispatch(body);
  };
  return { until, send };
}

/** Claims the run, sends it, and tells its job what the provider answered. */
export async function carry(message: QueueMessage, prepared: Prepared, job: RunCalls): Promise<void> {
  const { job_id: jobId, user_id: userId, attempt } = message;
  const fields = { jobId, userId, attempt };
  const claim = await job.beginDispatch(attempt, prepared.until);
  if (!claim.go) return log('info', 'dispatch.skipped', { ...fields, reason: claim.reason });
  const outcome = await prepared.send(claim.open);
  note(outcome, { ...fields, photos: claim.open.length });
  switch (outcome.kind) {
    case 'accepted':
      return job.confirmDispatch(attempt, outcome.providerId);
    case 'refused':
      return job.refuseDispatch(attempt, outcome.reason);
    case 'wrong':
      return job.rejectDispatch(attempt, outcome.reason);
    case 'ambiguous':
      // It may run: the lease decides. Sending it again now could pay for it twice.
      return;
  }
}

function note(outcome: DispatchOutcome, fields: { jobId: string; userId: string; attempt: number; photos: number }) {
  if (outcome.kind === 'accepted') return log('info', 'dispatch.accepted', fields);
  const needsSomebody = outcome.kind === 'wrong' || (outcome.kind === 'refused' && outcome.alert);
  log(needsSomebody ? 'error' : 'warn', `dispatch.${outcome.kind}`, { ...fields, reason: outcome.reason });
}

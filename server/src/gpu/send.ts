/** A run on its way to the provider, the same for whoever brings it: it is signed, then claimed, then sent. */
import type { QueueMessage } from '../contract/gpu-message.ts';
import type { Claim } from '../domain/job/dispatch.ts';
import { log } from '../log.ts';
import type { DispatchOutcome } from './dispatcher.ts';

/** A message with all that takes time done. `until`: when its URLs end; `send` sends those photos that are still open. */
export type Prepared = { until: number; send(open: readonly number[]): Promise<DispatchOutcome> };

/** What the run's job is told. */
export type RunCalls = {
  beginDispatch(attempt: number, signedUntil: number, message: number[]): Claim | Promise<Claim>;
  confirmDispatch(attempt: number, providerId: string | null): void | Promise<void>;
  refuseDispatch(attempt: number, said: string): void | Promise<void>;
  rejectDispatch(attempt: number, said: string): void | Promise<void>;
};

/** Claims the run, sends it, and tells its job what the provider answered. */
export async function carry(message: QueueMessage, prepared: Prepared, job: RunCalls): Promise<void> {
  const { job_id: jobId, user_id: userId, attempt } = message;
  const fields = { jobId, userId, attempt };
  const claim = await job.beginDispatch(
    attempt,
    prepared.until,
    message.items.map(({ idx }) => idx),
  );
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

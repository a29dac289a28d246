/** Tickets to a job's live events, and all jobs of one user. */
import type { Call } from '../../../server/src/durable-objects/job-coordinator/owner-calls.ts';
import type { JobExport } from '../../../server/src/durable-objects/job-coordinator/view.ts';
import type { Session } from '../../../server/src/durable-objects/user-limiter/state.ts';
import type { World } from './world.ts';

export function issueTicket(world: World, jobId: string, { userId, issuedAt: sessionFrom }: Session): string {
  const ticket = world.unique('ticket-');
  world.tickets.set(ticket, { jobId, userId, sessionFrom, expiresAt: world.clock.now() + world.settings.ticketMs });
  return ticket;
}

/** Newest first. */
export function jobsOf(world: World, call: Call): JobExport[] {
  return [...world.jobs.values()]
    .flatMap((job) => job.told(call) ?? [])
    .toSorted(({ snapshot: a }, { snapshot: b }) => b.createdAt - a.createdAt || (a.jobId < b.jobId ? 1 : -1));
}

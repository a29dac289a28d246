/**
 * What one account may take from the others in a day of UTC, beyond what it paid for; its plan sets how much. The account keeps what is
 * used of it with its own row, and a day that is over counts for nothing.
 *
 * Photos: what reached the GPU provider and was not charged (canceled, failed, repeated). Those of a job count in full from its claim,
 * before anything is sent, until it settles; then what was charged of them no longer does. So over any sequence of calls the photos
 * claimed in a day are never more than those charged and the limit.
 */
import { dayOf, oldestDay } from './ceilings.ts';
import { ok, type Result, refuse } from './result.ts';

/** A plan's limits. */
export type Allowance = {
  /** Jobs created a day. */
  dailyJobs: number;
  /** Photos sent to the GPU a day beyond those charged. */
  dailyUnpaidPhotos: number;
  /** Queries an hour that ask other objects or D1. */
  hourlyQueries: number;
  /** Rules created and changed a day; deleting counts, and is never refused. */
  dailyRuleChanges: number;
};

/** What an account has used. Days and hours are numbers since the Unix epoch, in UTC. */
export type DayUse = {
  day: number;
  jobs: number;
  ruleChanges: number;
  /** Earlier releases do not count them. */
  revocations?: number;
  /** Photos of settled jobs that were claimed on this day, sent and not charged. */
  unpaid: number;
  hour: number;
  queries: number;
};

/** A job's photos as they were let through: on this day, by the clock of the account. */
export type PhotoClaim = { day: number; photos: number };
/** What a settled job leaves of its claim: the ceiling of `day` counts no more than `reached` of its photos. */
export type Lowering = { jobId: string; day: number; reached: number };
/** A claim that was booked while the provider had yet to answer: what of `reached` it refuses never reached it. */
export type UnsureClaim = Lowering & { photos: number; charged: number };

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** When the day ends, milliseconds since the Unix epoch. */
export const endOfDay = (day: number): number => (day + 1) * DAY_MS;
/** The same as the wire has it: ISO 8601, UTC. */
export const untilOf = (day: number): string => new Date(endOfDay(day)).toISOString();

/** What is used by `now`. A clock that goes back takes nothing back. */
export function usedBy(known: DayUse | undefined, now: number): DayUse {
  const day = dayOf(now);
  const hour = Math.floor(now / HOUR_MS);
  const today = known !== undefined && known.day >= day ? known : { day, jobs: 0, ruleChanges: 0, unpaid: 0 };
  const { hour: counted, queries } = known !== undefined && known.hour >= hour ? known : { hour, queries: 0 };
  return { ...today, hour: counted, queries };
}

/** One more job. */
export function countJob(use: DayUse, { dailyJobs }: Allowance, now: number): Result<DayUse> {
  if (use.jobs < dailyJobs) return ok({ ...use, jobs: use.jobs + 1 });
  return limited(`${dailyJobs} jobs were created today, which is the most`, endOfDay(use.day), now);
}

/** One more change of a rule. */
export function countRuleChange(use: DayUse, { dailyRuleChanges }: Allowance, now: number): Result<DayUse> {
  if (use.ruleChanges < dailyRuleChanges) return ok(ruleChanged(use));
  return limited(`rules were changed ${dailyRuleChanges} times today, which is the most`, endOfDay(use.day), now);
}

export const ruleChanged = (use: DayUse): DayUse => ({ ...use, ruleChanges: use.ruleChanges + 1 });

/** One more revocation of all sessions, of `limit` a day: each has every job told that somebody may watch. */
export function countRevocation(use: DayUse, limit: number, now: number): Result<DayUse> {
  const { revocations = 0 } = use;
  if (revocations < limit) return ok({ ...use, revocations: revocations + 1 });
  return limited(`sessions were revoked ${limit} times today, which is the most`, endOfDay(use.day), now);
}

/** One more query that asks other objects or D1, or one that counts as several. */
export function countQuery(use: DayUse, { hourlyQueries }: Allowance, now: number, cost = 1): Result<DayUse> {
  if (use.queries < hourlyQueries) return ok({ ...use, queries: use.queries + cost });
  const end = (use.hour + 1) * HOUR_MS;
  return limited(`${hourlyQueries} queries were made in this hour, which is the most`, end, now);
}

/**
 * Lets a job's photos through. `standing` is the claim that it has already: one of today or yesterday stands, so that the same execute
 * counts once. `others` are the claims of the account's other jobs that have not settled.
 */
export function claimPhotos(
  use: DayUse,
  others: readonly PhotoClaim[],
  standing: PhotoClaim | undefined,
  photos: number,
  { dailyUnpaidPhotos: limit }: Allowance,
): Result<PhotoClaim> {
  if (standing !== undefined && standing.day >= oldestDay(use.day)) return ok(standing);
  const open = others.filter(({ day }) => day === use.day).reduce((sum, claim) => sum + claim.photos, 0);
  if (use.unpaid + open + photos <= limit) return ok({ day: use.day, photos });
  const until = untilOf(use.day);
  return refuse(
    'ALLOWANCE_EXHAUSTED',
    `${photos} photos are more than today's allowance has left: ${limit} may be sent beyond those charged, and it goes on at ${until}`,
    { limit, until },
  );
}

/** Books a claim of a job that settles: `sent` photos reached the provider, over all attempts, and `charged` were paid. */
export function bookClaim(
  use: DayUse,
  jobId: string,
  { day, photos }: PhotoClaim,
  { sent, charged }: { sent: number; charged: number },
): { use: DayUse; lowering: Lowering | null } {
  const reached = Math.max(sent, charged);
  const booked = day === use.day ? { ...use, unpaid: use.unpaid + reached - charged } : use;
  return { use: booked, lowering: reached < photos ? { jobId, day, reached } : null };
}

/** Books it again: `sent` photos reached the provider after all. */
export function correctClaim(
  use: DayUse,
  { jobId, day, photos, reached, charged }: UnsureClaim,
  sent: number,
): { use: DayUse; lowering: Lowering | null } {
  const less = Math.min(reached, Math.max(sent, charged));
  const booked = day === use.day ? { ...use, unpaid: Math.max(0, use.unpaid - (reached - less)) } : use;
  return { use: booked, lowering: less < reached && less < photos ? { jobId, day, reached: less } : null };
}

function limited(what: string, end: number, now: number) {
  const until = new Date(end).toISOString();
  const retryAfterSeconds = Math.max(1, Math.ceil((end - now) / 1000));
  return refuse('RATE_LIMITED', `${what}: it goes on at ${until}`, { retryAfterSeconds, until });
}

/**
 * Ceilings of a day, over all users together: credits given away at sign-up, and photos sent to the GPU. They bound what a night of
 * abuse can cost. A day is one of UTC.
 */
export type Ceiling = 'credits' | 'photos';
export type Used = Record<Ceiling, number>;

const DAY_MS = 86_400_000;

/** Number of the day since the Unix epoch. @param now milliseconds since the Unix epoch */
export const dayOf = (now: number): number => Math.floor(now / DAY_MS);

/** Whether all of `amount` fits under the ceiling; nothing is given in part. */
export const fits = (used: number, amount: number, ceiling: number): boolean => used + amount <= ceiling;

/** Days for which a claim is remembered, so that the same one is not counted twice: today and yesterday. */
export const oldestDay = (day: number): number => day - 1;

/** A new account's free credits, asked for once. */
export type SignUpClaim = {
  userId: string;
  deviceHash: string | null;
  credits: number;
  /** Names the address behind the claim; null when none stands behind it. */
  addressMark: string | null;
};
/** What all sign-ups of a day may be given, and those from one address. */
export type SignUpCeiling = { credits: number; addressCredits: number };
/** `day` by the clock of the account that claims, so that both count for the same one; an earlier release leaves it out. */
export type DispatchClaim = { jobId: string; photos: number; day?: number };

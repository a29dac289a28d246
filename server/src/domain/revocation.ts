/**
 * Revoking a user's sessions under a key. The first answer may be lost, and whoever asked has no other way back in: so the same call again,
 * with a session that was good then, gets the same answer for a while. Whoever stole that session does not know the key.
 */

/** Sessions issued before `epoch` were revoked by one that was issued at `from` or later. Milliseconds since the Unix epoch. */
export type Revoked = { key: string; from: number; epoch: number; at: number };

/** The next revocation's epoch: beyond this millisecond, and beyond the last time, since a token of the same one is among those to end. */
export const nextEpoch = (epoch: number, now: number): number => Math.max(now, epoch) + 1;

/**
 * Whether a call is the last revocation's again.
 * @param sessionEpoch the user's, now: another revocation since ends what this one gave
 * @param issuedAt of the session that asks
 */
export function isSameRevocation(
  revoked: Revoked | undefined,
  { sessionEpoch, issuedAt, key }: { sessionEpoch: number; issuedAt: number; key: string | null },
  now: number,
  repeatMs: number,
): boolean {
  if (revoked === undefined || revoked.key !== key || revoked.epoch !== sessionEpoch) return false;
  return issuedAt >= revoked.from && now - revoked.at <= repeatMs;
}

/**
 * Tickets admit to a job's live progress for a short time, so that no session token ever stands in a URL. Each names the moment from
 * which the session that asked for it is good, so that it ends with that session, whenever it was issued.
 */
import type { Settings } from '../settings/settings.ts';
import { hmacKey, mac, sameText } from './derive.ts';

/** Whom a ticket admits. `sessionFrom`: when his session was issued, milliseconds since the Unix epoch. */
export type Bearer = { userId: string; sessionFrom: number };

const sign = (jobId: string, { userId, sessionFrom }: Bearer, expires: number, secret: string): string =>
  mac(hmacKey(secret, 'ticket'), `${jobId}\n${userId}\n${expires}\n${sessionFrom}`, 'base64url');

/** `{userId}.{expiry in seconds}.{session from in milliseconds}.{signature}` */
export function issueTicket(jobId: string, bearer: Bearer, now: number, settings: Settings): string {
  const expires = Math.floor(now / 1000) + settings.numbers.TICKET_SECONDS;
  const { userId, sessionFrom } = bearer;
  return `${userId}.${expires}.${sessionFrom}.${sign(jobId, bearer, expires, settings.jwtSecret)}`;
}

/** Whom the ticket admits to this job; null when it is forged, old or for another job. Whether his session was revoked, it cannot tell. */
export function checkTicket(ticket: string, jobId: string, now: number, settings: Settings): Bearer | null {
  const [userId, expiry, from, signature, ...rest] = ticket.split('.');
  const expires = Number(expiry);
  const sessionFrom = Number(from);
  if (!userId || !signature || rest.length > 0) return null;
  if (!Number.isSafeInteger(expires) || !Number.isSafeInteger(sessionFrom) || expires * 1000 < now) return null;
  const bearer = { userId, sessionFrom };
  for (const secret of [settings.jwtSecret, settings.jwtSecretPrevious]) {
    if (secret !== null && sameText(signature, sign(jobId, bearer, expires, secret))) return bearer;
  }
  return null;
}

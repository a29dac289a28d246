/** Tickets admit to a job's live progress for a short time, so that no session token ever stands in a URL. */
import type { Settings } from '../env.ts';
import { hmacKey, mac, sameText } from './derive.ts';

const sign = (jobId: string, userId: string, expires: number, secret: string): string =>
  mac(hmacKey(secret, 'ticket'), `${jobId}\n${userId}\n${expires}`, 'base64url');

/** `{userId}.{expiry in seconds}.{signature}` */
export function issueTicket(jobId: string, userId: string, now: number, settings: Settings): string {
  const expires = Math.floor(now / 1000) + settings.numbers.TICKET_SECONDS;
  return `${userId}.${expires}.${sign(jobId, userId, expires, settings.jwtSecret)}`;
}

/** The user that the ticket admits to this job; null when it is forged, old or for another job. */
export function checkTicket(ticket: string, jobId: string, now: number, settings: Settings): string | null {
  const [userId, expiry, signature, ...rest] = ticket.split('.');
  const expires = Number(expiry);
  if (!userId || !signature || rest.length > 0 || !Number.isSafeInteger(expires) || expires * 1000 < now) return null;
  for (const secret of [settings.jwtSecret, settings.jwtSecretPrevious]) {
    if (secret !== null && sameText(signature, sign(jobId, userId, expires, secret))) return userId;
  }
  return null;
}

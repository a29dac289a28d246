/** Tickets admit to a job's live progress for a short time, so that no session token ever stands in a URL. */
import type { Settings } from '../env.ts';
import { hmacKey, mac, sameText, toBase64Url } from './derive.ts';

const text = (jobId: string, userId: string, expires: number) => `${jobId}\n${userId}\n${expires}`;

/** `{userId}.{expiry in seconds}.{signature}` */
export async function issueTicket(jobId: string, userId: string, now: number, settings: Settings): Promise<string> {
  const expires = Math.floor(now / 1000) + settings.numbers.TICKET_SECONDS;
  const key = await hmacKey(settings.jwtSecret, 'ticket');
  return `${userId}.${expires}.${toBase64Url(await mac(key, text(jobId, userId, expires)))}`;
}

/** The user that the ticket admits to this job; null when it is forged, old or for another job. */
export async function checkTicket(
  ticket: string,
  jobId: string,
  now: number,
  settings: Settings,
): Promise<string | null> {
  const [userId, expiry, signature, ...rest] = ticket.split('.');
  const expires = Number(expiry);
  if (!userId || !signature || rest.length > 0 || !Number.isSafeInteger(expires) || expires * 1000 < now) return null;
  for (const secret of [settings.jwtSecret, settings.jwtSecretPrevious]) {
    if (secret === null) continue;
    const key = await hmacKey(secret, 'ticket');
    if (await sameText(signature, toBase64Url(await mac(key, text(jobId, userId, expires))))) return userId;
  }
  return null;
}

/**
 * Who may report results. Three ways, all checked before any object is touched:
 * - the job's own token as bearer (what dispatch sends along);
 * - the global secret, as bearer or in one of two headers, unless switched off;
 * - a Standard Webhooks signature (https://www.standardwebhooks.com) with the job's token, or with the global secret
 *   when the body names the job.
 */
import type { Settings } from '../env.ts';
import { hmacKey, keyOfText, mac, sameText } from './derive.ts';

/** Seconds by which a signature's timestamp may differ from now. */
const TIMESTAMP_TOLERANCE = 300;
/** Milliseconds for which a signature is good at most: from the earliest moment that its timestamp allows to the last. */
export const SIGNATURE_LIFE_MS = 2 * TIMESTAMP_TOLERANCE * 1000;
const MAX_ID = 256;
const SECRET_HEADERS = ['X-Callback-Secret', 'X-GPU-Callback-Secret'];

/** The bearer token for one job's callback. The same job always gets the same one; it is of no use once the job has ended. */
export function callbackToken(jobId: string, secret: string): string {
  return `cb_${mac(hmacKey(secret, 'callback-token'), jobId, 'base64url')}`;
}

function secretsOf(settings: Settings): string[] {
  return [settings.callbackSecret, settings.callbackSecretPrevious].filter((secret) => secret !== null);
}

/** Who reports. `webhookId` is the id that a signature covers; null for who shows a token or the secret itself. */
export type Reporter = { webhookId: string | null };

/** Null for who may not report. @param body the raw text, which a signature covers */
export function reporterOf(
  headers: Headers,
  jobId: string,
  body: string,
  now: number,
  settings: Settings,
): Reporter | null {
  const bearer = /^Bearer (\S+)$/i.exec(headers.get('Authorization') ?? '')?.[1];
  const shown = SECRET_HEADERS.map((name) => headers.get(name)).filter((value) => value !== null);
  for (const secret of secretsOf(settings)) {
    if (bearer !== undefined && sameText(bearer, callbackToken(jobId, secret))) {
      return { webhookId: null };
    }
    if (!settings.callbackGlobalSecret) continue;
    for (const value of bearer === undefined ? shown : [...shown, bearer]) {
      if (sameText(value, secret)) return { webhookId: null };
    }
  }
  return signedFor(headers, jobId, body, now, settings) ? { webhookId: headers.get('webhook-id') } : null;
}

function signedFor(headers: Headers, jobId: string, body: string, now: number, settings: Settings): boolean {
  const id = headers.get('webhook-id');
  const timestamp = headers.get('webhook-timestamp');
  const given = (headers.get('webhook-signature') ?? '').split(' ').filter((part) => part.startsWith('v1,'));
  if (!id || id.length > MAX_ID || !timestamp || !/^\d{1,12}$/.test(timestamp) || given.length === 0) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > TIMESTAMP_TOLERANCE) return false;
  const signed = `${id}.${timestamp}.${body}`;
  const keys = secretsOf(settings).map((secret) => callbackToken(jobId, secret));
  if (settings.callbackGlobalSecret && namesJob(body, jobId)) keys.push(...secretsOf(settings));
  for (const key of keys) {
    const expected = `v1,${mac(keyOfText(key), signed, 'base64')}`;
    for (const signature of given) if (sameText(signature, expected)) return true;
  }
  return false;
}

function namesJob(body: string, jobId: string): boolean {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'job_id' in parsed && parsed.job_id === jobId;
  } catch {
    return false;
  }
}

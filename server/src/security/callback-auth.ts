/**
 * Who may report results. Three ways, all checked before any object is touched:
 * - the job's own token, as bearer or in one of two headers (what dispatch sends along, in either of its two forms);
 * - the global secret, in the same places, unless switched off;
 * - a Standard Webhooks signature (https://www.standardwebhooks.com) with the job's token, or with the global secret
 *   when the body names the job.
 */
import { isWebhookSecret, keyOfWebhookSecret, webhookSecretOf } from '../domain/webhook-secret.ts';
import type { Settings } from '../settings/settings.ts';
import { hmacKey, type Key, keyOfBytes, keyOfText, mac, sameText } from './derive.ts';

/** Seconds by which a signature's timestamp may differ from now. */
const TIMESTAMP_TOLERANCE = 300;
/** Milliseconds for which a signature is good at most: from the earliest moment that its timestamp allows to the last. */
export const SIGNATURE_LIFE_MS = 2 * TIMESTAMP_TOLERANCE * 1000;
/** Characters of a webhook-id. */
const MAX_ID = 256;
const SECRET_HEADERS = ['X-Callback-Secret', 'X-GPU-Callback-Secret'];

/** The bearer token for one job's callback. The same job always gets the same one; it is of no use once the job has ended. */
export function callbackToken(jobId: string, secret: string): string {
  return `cb_${mac(hmacKey(secret, 'callback-token'), jobId, 'base64url')}`;
}

/** The same token as a Standard Webhooks secret: a stock library signs with the bytes that the token's own text has. */
export const callbackSecret = (jobId: string, secret: string): string => webhookSecretOf(callbackToken(jobId, secret));

function secretsOf(settings: Settings): string[] {
  return [settings.callbackSecret, settings.callbackSecretPrevious].filter((secret) => secret !== null);
}

/** Who reports. `webhookId` is the id that a signature covers; null for who shows a token or the secret itself. */
export type Reporter = { webhookId: string | null };

/** Who shows a token or the secret itself; null for who shows nothing that is good. */
export function reporterShown(headers: Headers, jobId: string, settings: Settings): Reporter | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.get('Authorization') ?? '')?.[1] ?? null;
  const shown = [bearer, ...SECRET_HEADERS.map((name) => headers.get(name))].filter((value) => value !== null);
  for (const value of shown) {
    for (const secret of secretsOf(settings)) {
      const token = isWebhookSecret(value) ? callbackSecret(jobId, secret) : callbackToken(jobId, secret);
      if (sameText(value, token)) return { webhookId: null };
      if (settings.callbackGlobalSecret && sameText(value, secret)) return { webhookId: null };
    }
  }
  return null;
}

/** Whether a signature is given at all. */
export const isSigned = (headers: Headers): boolean => headers.has('webhook-signature');

/**
 * Who signed; null for whose signature is not good.
 * @param body the bytes that the signature may be over, and the text that they stand for
 */
export function reporterSigned(
  headers: Headers,
  jobId: string,
  body: { signed: readonly Uint8Array[]; text: string },
  now: number,
  settings: Settings,
): Reporter | null {
  const id = headers.get('webhook-id');
  const timestamp = headers.get('webhook-timestamp');
  // Several in one header stand apart by a blank; HTTP joins several headers by a comma and a blank.
  const given = (headers.get('webhook-signature') ?? '').split(/,?\s+/).filter((part) => part.startsWith('v1,'));
  if (!id || id.length > MAX_ID || !timestamp || !/^\d{1,12}$/.test(timestamp) || given.length === 0) return null;
  if (Math.abs(now / 1000 - Number(timestamp)) > TIMESTAMP_TOLERANCE) return null;
  const keys = secretsOf(settings).map((secret) => keyOfText(callbackToken(jobId, secret)));
  if (settings.callbackGlobalSecret && namesJob(body.text, jobId))
    keys.push(...secretsOf(settings).flatMap(globalKeys));
  for (const bytes of body.signed) {
    for (const key of keys) {
      const expected = `v1,${mac(key, [`${id}.${timestamp}.`, bytes], 'base64')}`;
      for (const signature of given) if (sameText(signature, expected)) return { webhookId: id };
    }
  }
  return null;
}

/** A secret is a key as it stands; one in the form of Standard Webhooks also by the bytes that it writes. */
function globalKeys(secret: string): Key[] {
  const bytes = keyOfWebhookSecret(secret);
  return bytes === null ? [keyOfText(secret)] : [keyOfText(secret), keyOfBytes(bytes)];
}

function namesJob(body: string, jobId: string): boolean {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && 'job_id' in parsed && parsed.job_id === jobId;
  } catch {
    return false;
  }
}

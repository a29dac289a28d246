/**
 * Standard Webhooks signatures (https://www.standardwebhooks.com), version 1: HMAC-SHA-256 over id, timestamp and body. The key of a
 * secret that begins with `whsec_` is the base64 after that, as in any library of the standard; any other secret is its own key, byte for
 * byte. The server takes both of its two forms, `callback_token` and `callback_secret`.
 */
import { WebhookError } from './error.ts';

/** A request's headers: `Headers`, or an object under lower-case names as Node has it. */
export type HeadersLike = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** Milliseconds since the Unix epoch; the system's time when left out. */
  now?: number | undefined;
  /** Seconds by which the signature's time may differ from `now`; 300 when left out. */
  toleranceSeconds?: number | undefined;
}

const TOLERANCE_SECONDS = 300;

const encode = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text));
const PREFIX = 'whsec_';

/** Null for what begins as a secret of the standard and is none. */
function keyBytes(secret: string): Uint8Array<ArrayBuffer> | null {
  return secret.startsWith(PREFIX) ? decode(secret.slice(PREFIX.length)) : encode(secret);
}

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    const standard = base64.replaceAll('-', '+').replaceAll('_', '/');
    return Uint8Array.from(atob(standard), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

const key = (bytes: Uint8Array<ArrayBuffer>, use: 'sign' | 'verify'): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [use]);

function header(headers: HeadersLike, name: string): string {
  const get = (headers as Headers).get;
  const value = typeof get === 'function' ? get.call(headers, name) : (headers as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

/**
 * Whether a request was signed with one of `secrets`, not long ago, over exactly this body. Compared in constant time, and never
 * throws, whatever the headers hold.
 *
 * @param body the raw text of the request
 * @param secrets one or several, such as the old and the new one while they change
 */
export async function verify(
  headers: HeadersLike,
  body: string,
  secrets: string | readonly string[],
  { now = Date.now(), toleranceSeconds = TOLERANCE_SECONDS }: VerifyOptions = {},
): Promise<boolean> {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    header(headers, `webhook-${name}`),
  );
  if (!id || !timestamp || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const signed = encode(`${id}.${timestamp}.${body}`);
  const given = (signatures ?? '')
    .split(' ')
    .flatMap((part) => (part.startsWith('v1,') ? (decode(part.slice(3)) ?? []) : []));
  let good = false;
  for (const secret of typeof secrets === 'string' ? [secrets] : secrets) {
    const secretBytes = keyBytes(secret);
    if (!secretBytes?.length) continue;
    const known = await key(secretBytes, 'verify');
    for (const bytes of given) if (await crypto.subtle.verify('HMAC', known, bytes, signed)) good = true;
  }
  return good;
}

/**
 * The three headers that sign `body`.
 *
 * @param id the same for each try of one message
 * @param secret `callback_secret` or `callback_token` of the message
 * @param now milliseconds since the Unix epoch
 * @throws WebhookError VALIDATION_ERROR when the secret is empty, or no base64 after `whsec_`
 */
export async function sign(
  id: string,
  body: string,
  secret: string,
  now: number = Date.now(),
): Promise<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(now / 1000));
  const secretBytes = keyBytes(secret);
  if (!secretBytes?.length) throw new WebhookError('VALIDATION_ERROR', 'secret: is none', { field: 'secret' });
  const mac = await crypto.subtle.sign('HMAC', await key(secretBytes, 'sign'), encode(`${id}.${timestamp}.${body}`));
  const signature = `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`;
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

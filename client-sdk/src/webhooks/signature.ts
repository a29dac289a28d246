/**
 * Standard Webhooks signatures (https://www.standardwebhooks.com), version 1: HMAC-SHA-256 over id, timestamp and body. A secret is
 * used as it is, byte for byte, as the server does.
 */

/** A request's headers: `Headers`, or an object under lower-case names as Node has it. */
export type HeadersLike = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** Milliseconds since the Unix epoch; the system's time when left out. */
  now?: number | undefined;
  /** Seconds by which the signature's time may differ from `now`; 300 when left out. */
  toleranceSeconds?: number | undefined;
}

const TOLERANCE_SECONDS = 300;

const encode = (text: string) => new TextEncoder().encode(text);
const key = (secret: string, use: 'sign' | 'verify'): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [use]);

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
  const given = (signatures ?? '').split(' ').flatMap((part) => bytesOf(part) ?? []);
  let good = false;
  for (const secret of typeof secrets === 'string' ? [secrets] : secrets) {
    if (secret === '') continue;
    const known = await key(secret, 'verify');
    for (const bytes of given) if (await crypto.subtle.verify('HMAC', known, bytes, signed)) good = true;
  }
  return good;
}

/** Of `v1,<base64>`; null for any other version or text. */
function bytesOf(part: string): Uint8Array<ArrayBuffer> | null {
  if (!part.startsWith('v1,')) return null;
  try {
    return Uint8Array.from(atob(part.slice(3)), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The three headers that sign `body`. @param id the same for each try of one message @param now milliseconds since the Unix epoch */
export async function sign(
  id: string,
  body: string,
  secret: string,
  now: number = Date.now(),
): Promise<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const timestamp = String(Math.floor(now / 1000));
  const mac = await crypto.subtle.sign('HMAC', await key(secret, 'sign'), encode(`${id}.${timestamp}.${body}`));
  const signature = `v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`;
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
}

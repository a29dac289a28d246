/**
 * Secrets as Standard Webhooks write them (https://www.standardwebhooks.com): `whsec_` and the base64 of the key's bytes. Stock libraries
 * take no others: one throws, another signs with whatever it makes of the text.
 */

const PREFIX = 'whsec_';
/** Bytes that the specification asks for at least. */
export const MIN_KEY_BYTES = 24;

export const isWebhookSecret = (secret: string): boolean => secret.startsWith(PREFIX);

/** The secret whose key is the bytes of this ASCII text. */
export const webhookSecretOf = (key: string): string => PREFIX + btoa(key);

/** The bytes that a stock library signs with; null for what is no such secret. The alphabet of URLs is taken as well. */
export function keyOfWebhookSecret(secret: string): Uint8Array | null {
  if (!isWebhookSecret(secret)) return null;
  try {
    const base64 = secret.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/');
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

/**
 * AWS Signature Version 4 in the query, for one service (R2) and ASCII keys. With the platform's own hashing, and synchronous: Web Crypto
 * answers through a promise, which costs more than the hashing itself, and a dispatch signs hundreds of URLs.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
/// <reference path="../node-crypto.d.ts" />
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export type Credentials = {
  /** Where the bucket is served, without a trailing slash. */
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
};

const REGION = 'auto';
const SERVICE = 's3';

/** What is the same for every URL of a day. */
type Day = { date: string; scope: string; key: KeyObject; origin: string; host: string; pathname: string };

const encoder = new TextEncoder();
/** Longer than any text that is signed here; a text is hashed before the next one is written. Texts themselves would be copied twice. */
const buffer = new Uint8Array(8192);
function bytesOf(text: string): Uint8Array {
  const { read, written } = encoder.encodeInto(text, buffer);
  if (read !== text.length) throw new Error(`${text.length} characters are too many to sign`);
  return buffer.subarray(0, written);
}

/** Signing keys by credentials: one derivation serves every URL of a day. */
const days = new WeakMap<Credentials, Day>();

function dayOf(credentials: Credentials, date: string): Day {
  const known = days.get(credentials);
  if (known?.date === date) return known;
  const steps = [date, REGION, SERVICE, 'aws4_request'];
  let key = createSecretKey(`AWS4${credentials.secretAccessKey}`, 'utf8');
  for (const step of steps) key = createSecretKey(createHmac('sha256', key).update(step).digest());
  const { origin, host, pathname } = new URL(`${credentials.endpoint}/${credentials.bucket}/`);
  const day = { date, scope: steps.join('/'), key, origin, host, pathname };
  days.set(credentials, day);
  return day;
}

export type Signing = {
  method: 'GET' | 'PUT';
  /** Names, in lower case, of the headers that are signed beside the host. */
  headers: readonly string[];
  /** Milliseconds since the Unix epoch. */
  signedAt: number;
  seconds: number;
};

/**
 * The URL of a key, given the values of the signed headers in the order of their names. `more`: parameters to sign as well, escaped, whose
 * names are in lower case.
 */
export type Sign = (key: string, values?: readonly string[], more?: string) => string;

/**
 * Signs any number of keys the same way: what they share is made once.
 * Keys hold `A-Z a-z 0-9 _ - . /` only, which need no escaping (domain/keys.ts sees to it).
 */
export function presigner(credentials: Credentials, { method, headers, signedAt, seconds }: Signing): Sign {
  const time = new Date(signedAt).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const { scope, key: signingKey, origin, host, pathname } = dayOf(credentials, time.slice(0, 8));
  const signed = [...headers, 'host'].map((name, at) => ({ name, at })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = signed.map(({ name }) => name).join(';');
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${encodeURIComponent(`${credentials.accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${time}`,
    `X-Amz-Expires=${seconds}`,
    `X-Amz-SignedHeaders=${encodeURIComponent(names)}`,
  ].join('&');
  const linesFor = (values: readonly string[]) =>
    signed.map(({ name, at }) => `${name}:${at === headers.length ? host : values[at]}\n`).join('');
  const head = `AWS4-HMAC-SHA256\n${time}\n${scope}\n`;
  return (key, values = [], more = '') => {
    const asked = query + more;
    const canonical = `${method}\n${pathname}${key}\n${asked}\n${linesFor(values)}\n${names}\nUNSIGNED-PAYLOAD`;
    const request = hash('sha256', bytesOf(canonical));
    const signature = createHmac('sha256', signingKey)
      .update(bytesOf(head + request))
      .digest('hex');
    return `${origin}${pathname}${key}?${asked}&X-Amz-Signature=${signature}`;
  };
}

/**
 * Whether S3 would take a request's signature: AWS Signature Version 4, in the query or in the header. The simulator checks it as well, but
 * before it has read the body, which breaks the connection behind it, and it honours headers that nobody signed.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export type Keys = { accessKeyId: string; secretAccessKey: string };
/** `url` is path and query as they came; names and values of headers in turns, as Node has them. */
export type Asked = { method: string; url: string; rawHeaders: readonly string[] };
/** S3's own code, and what it says. All are HTTP 403. */
export type Refusal = { code: 'AccessDenied' | 'ExpiredRequest' | 'SignatureDoesNotMatch'; message: string };

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** What a signature states of itself. */
type Claim = { credential: string; date: string; signedHeaders: string; signature: string; payload: string };

/** Why the request is refused; null for one that is signed. @param now milliseconds since the Unix epoch */
export function refusalOf(asked: Asked, keys: Keys, now: number): Refusal | null {
  const [path = '', search = ''] = asked.url.split('?', 2);
  const query = new URLSearchParams(search);
  const headers = valuesByName(asked.rawHeaders);
  const authorization = headers.get('authorization');
  const claim = authorization === undefined ? inQuery(query) : inHeader(authorization, headers);
  if (claim === null) return { code: 'AccessDenied', message: 'The request is not signed.' };

  const names = claim.signedHeaders.toLowerCase().split(';');
  const unsigned = [...headers.keys()].filter((name) => name.startsWith('x-amz-') && !names.includes(name));
  if (unsigned.length > 0 || !names.includes('host')) {
    const which = unsigned.length > 0 ? unsigned.join(', ') : 'host';
    return {
      code: 'AccessDenied',
      message: `There were headers present in the request which were not signed: ${which}`,
    };
  }
  const expires = query.get('X-Amz-Expires');
  if (authorization === undefined && !(now <= signedAt(claim.date) + Number(expires ?? Number.NaN) * 1000)) {
    return { code: 'ExpiredRequest', message: 'Request has expired' };
  }
  const [accessKeyId, ...scope] = claim.credential.split('/');
  const canonical = [
    asked.method,
    path,
    canonicalQuery(query),
    ...names.map((name) => `${name}:${(headers.get(name) ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    claim.payload,
  ].join('\n');
  const text = [ALGORITHM, claim.date, scope.join('/'), createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  );
  let key: string | Buffer = `AWS4${keys.secretAccessKey}`;
  for (const step of scope) key = createHmac('sha256', key).update(step).digest();
  const signature = createHmac('sha256', key).update(text).digest();
  const given = Buffer.from(claim.signature, 'hex');
  const good =
    accessKeyId === keys.accessKeyId &&
    scope.length === 4 &&
    scope[0] === claim.date.slice(0, 8) &&
    given.length === signature.length &&
    timingSafeEqual(given, signature);
  const message = 'The request signature we calculated does not match the signature you provided.';
  return good ? null : { code: 'SignatureDoesNotMatch', message };
}

function inQuery(query: URLSearchParams): Claim | null {
  const [algorithm, credential, date, signedHeaders, signature] = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-SignedHeaders',
    'X-Amz-Signature',
  ].map((name) => query.get(name) ?? '');
  if (algorithm !== ALGORITHM || !credential || !date || !signedHeaders || !signature) return null;
  return { credential, date, signedHeaders, signature, payload: 'UNSIGNED-PAYLOAD' };
}

function inHeader(authorization: string, headers: ReadonlyMap<string, string>): Claim | null {
  const fields = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(authorization);
  const [, credential, signedHeaders, signature] = fields ?? [];
  const date = headers.get('x-amz-date');
  const payload = headers.get('x-amz-content-sha256');
  if (!credential || !signedHeaders || !signature || !date || !payload) return null;
  return { credential, date, signedHeaders, signature, payload };
}

/** `20261124T101500Z` as milliseconds since the Unix epoch; NaN for anything else. */
const signedAt = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map((pair) => pair.map(escaped).join('='))
    .sort()
    .join('&');

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Names in lower case. What is sent twice counts twice, also where Node itself would keep one. */
function valuesByName(raw: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = String(raw[at]).toLowerCase();
    const before = found.get(name);
    found.set(name, before === undefined ? String(raw[at + 1]) : `${before},${raw[at + 1]}`);
  }
  return found;
}

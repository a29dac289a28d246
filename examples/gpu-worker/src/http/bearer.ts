// The bearer key of a request, compared in constant time. Digests are compared, since timingSafeEqual needs equal lengths.

import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export function bearerMatches(header: string | undefined, key: string): boolean {
  const given = /^Bearer +(.+)$/i.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(key));
}

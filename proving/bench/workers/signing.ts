/**
 * The Worker with a door beside it: `GET /__signatures?count=N` makes so many bare signatures, which is the floor of what a dispatch does. In
 * the same isolate, so that whatever else weighs on it weighs on both. None of the Worker's own code is in them.
 */
/// <reference path="../../../server/src/node-crypto.d.ts" />
import { createHmac, createSecretKey, hash } from 'node:crypto';
import worker from '../../../server/src/index.ts';

export { JobCoordinatorDO, UserLimiterDO } from '../../../server/src/index.ts';

/** Bytes that are hashed and signed for one URL (AWS Signature Version 4): the canonical request, and what names it. */
const REQUEST = new Uint8Array(600).fill(65);
const NAMED = new Uint8Array(130).fill(66);

function signatures(count: number): Response {
  const key = createSecretKey('a key of nobody', 'utf8');
  let last = '';
  for (let n = 0; n < count; n++)
    last = hash('sha256', REQUEST) + createHmac('sha256', key).update(NAMED).digest('hex');
  return new Response(last);
}

export default {
  ...worker,
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/__signatures') return signatures(Number(searchParams.get('count')));
    return worker.fetch(request, env);
  },
} satisfies typeof worker;

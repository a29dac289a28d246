/** HTTP that does not give up while the API is down: tries again with backoff until an answer comes that is not the server's fault. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Http, Hung, type Reply, type Sent } from '../world/bundle/http.ts';

/** Why a try failed. `dev-server`: no answer of the Worker's, but a connection that wrangler's proxy or the network lost. */
export type Failure = { from: 'api' | 'dev-server'; reason: string };

const FIRST_WAIT = 200;
const LONGEST_WAIT = 3_000;

const http = new Http({ patience: 20_000, sockets: Number.POSITIVE_INFINITY });

/** Null when `limitMs` have passed without an answer. `onRetry` is called for every failed try. */
export async function insist(
  url: string,
  sent: Sent,
  limitMs: number,
  onRetry: (failure: Failure) => void,
): Promise<Reply | null> {
  const until = Date.now() + limitMs;
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    let failure: Failure;
    try {
      const reply = await http.send(url, sent);
      if (reply.status > 0 && reply.status < 500) return reply;
      failure = failureOf(reply.status, reply.body);
    } catch (error) {
      failure = lostCall(error);
    }
    onRetry(failure);
    if (Date.now() + wait > until) return null;
    await sleep(wait * (0.5 + Math.random()));
  }
}

/**
 * What the Worker answers is JSON, and what the local bucket answers is XML. Under load wrangler's proxy loses connections that
 * it keeps alive, and then answers 500 with `Error: Network connection lost.`
 * @see https://github.com/cloudflare/workers-sdk/issues/15317
 */
export function failureOf(status: number, text: string): Failure {
  const reason = `${status} ${text.slice(0, 200).replaceAll(/\s+/g, ' ')}`;
  return { from: /^\s*[{[<]/.test(text) ? 'api' : 'dev-server', reason };
}

/** A server that takes too long is not excused. */
export function lostCall(error: unknown): Failure {
  const timedOut = error instanceof Hung || (error instanceof Error && error.name === 'TimeoutError');
  const cause = error instanceof Error && error.cause ? ` (${String(error.cause)})` : '';
  return { from: timedOut ? 'api' : 'dev-server', reason: `${error instanceof Error ? error.message : error}${cause}` };
}

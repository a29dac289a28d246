/**
 * What Runpod lets a request ask for, and how much of it.
 * @see https://docs.runpod.io/serverless/endpoints/send-requests
 */

/** Milliseconds: of work alone, and from the request to the end whatever it is at then. */
export type RunLimits = { executionMs: number; ttlMs: number };

const DAY_MS = 86_400_000;
/** Default, least and most, in milliseconds. */
const EXECUTION = [600_000, 5_000, 7 * DAY_MS] as const;
const TTL = [DAY_MS, 10_000, 7 * DAY_MS] as const;

/** Bytes of a request to /run. */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Requests to /run: so many within so many milliseconds. */
export const RATE = { requests: 1000, withinMs: 10_000 };

export class BadRequest extends Error {}

/** The `policy` of a request. Throws {@link BadRequest}, which names the field. */
export function limitsOf(policy: unknown): RunLimits {
  if (policy === undefined || policy === null) return { executionMs: EXECUTION[0], ttlMs: TTL[0] };
  if (typeof policy !== 'object') throw new BadRequest('policy must be an object');
  const { executionTimeout, ttl } = policy as Record<string, unknown>;
  return {
    executionMs: within(EXECUTION, 'policy.executionTimeout', executionTimeout),
    ttlMs: within(TTL, 'policy.ttl', ttl),
  };
}

function within([otherwise, least, most]: readonly [number, number, number], name: string, given: unknown): number {
  if (given === undefined || given === null) return otherwise;
  if (typeof given !== 'number' || !(given >= least && given <= most)) {
    throw new BadRequest(`${name} must be ${least} to ${most} milliseconds`);
  }
  return given;
}

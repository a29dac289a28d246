/** The provider front's HTTP: Runpod's paths, with or without /v2/{endpoint} before them, as a function of web requests. */
import { timingSafeEqual } from 'node:crypto';
import { type Clock, systemClock } from './clock.ts';
import type { ProviderFront } from './front.ts';
import { BadRequest, limitsOf, MAX_BODY_BYTES, RATE } from './limits.ts';

export type DoorOptions = {
  front: ProviderFront;
  apiKey: string;
  clock?: Clock;
  /** The status that /run is answered with instead of being taken: 429 or 503 for a provider that is busy, 500 for one that is broken. */
  refusal?: () => number | null;
};

const PATH = /^(?:\/v2\/[^/]+)?\/(run|status|cancel|health)(?:\/([^/]+))?\/?$/;
/** What each verb is asked with, and whether it names a run. */
const VERBS = {
  run: ['POST', false],
  status: ['GET', true],
  cancel: ['POST', true],
  health: ['GET', false],
} as const;

export function doorOf({ front, apiKey, clock = systemClock, refusal }: DoorOptions) {
  const isAllowed = allowance(clock);
  const run = async (request: Request): Promise<Response> => {
    const refused = isAllowed() ? (refusal?.() ?? null) : 429;
    if (refused !== null) return problem(refused, 'the endpoint does not take this run now');
    const text = await request.text();
    if (Buffer.byteLength(text) > MAX_BODY_BYTES) return problem(413, 'the request is larger than 10 MB');
    const { input, policy } = objectOf(text);
    if (typeof input !== 'object' || input === null) throw new BadRequest('input must be an object');
    return Response.json(front.submit(input, limitsOf(policy)));
  };
  const shown = (view: object | null): Response => (view === null ? problem(404, 'no such run') : Response.json(view));

  return async (request: Request): Promise<Response> => {
    if (!isKey(request.headers.get('authorization'), apiKey)) return problem(401, 'the API key is missing or wrong');
    const [, verb, id] = PATH.exec(new URL(request.url).pathname) ?? [];
    const [method, named] = VERBS[verb as keyof typeof VERBS] ?? [];
    if (named !== (id !== undefined)) return problem(404, 'no such path');
    if (request.method !== method) return problem(405, `use ${method}`);
    try {
      if (verb === 'run') return await run(request);
      if (verb === 'health') return Response.json(front.health());
      return shown(verb === 'status' ? front.status(id ?? '') : front.cancel(id ?? ''));
    } catch (error) {
      if (error instanceof BadRequest) return problem(400, error.message);
      throw error;
    }
  };
}

const problem = (status: number, error: string): Response => Response.json({ error }, { status });

function isKey(header: string | null, key: string): boolean {
  const [given, wanted] = [header ?? '', `Bearer ${key}`].map((text) => Buffer.from(text));
  return (
    given !== undefined && wanted !== undefined && given.length === wanted.length && timingSafeEqual(given, wanted)
  );
}

function objectOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadRequest('the body is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw new BadRequest('the body must be an object');
  return value as Record<string, unknown>;
}

/** Whether one more request to /run is within its rate. */
function allowance(clock: Clock): () => boolean {
  const times: number[] = [];
  return () => {
    const now = clock.now();
    while (times[0] !== undefined && times[0] <= now - RATE.withinMs) times.shift();
    if (times.length >= RATE.requests) return false;
    times.push(now);
    return true;
  };
}

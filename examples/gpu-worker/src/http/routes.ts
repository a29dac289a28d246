// The two HTTP forms: Runpod's (POST /run with the message under `input`) and the plain one (POST / with the message itself).

import type { IncomingMessage } from 'node:http';
import type { JobQueue, JobView, Limits } from '../jobs/queue.ts';
import { BadMessage, parseMessage } from '../message.ts';
import { bearerMatches } from './bearer.ts';
import { Problem, readJson } from './exchange.ts';

export interface RouteDeps {
  readonly queue: JobQueue;
  readonly apiKey: string | undefined;
}

/** Runpod serves its routes under /v2/{endpoint}; both that and the bare form are understood. */
const ROUTE = /^(?:\/v2\/[^/]+)?\/(run|status|cancel)(?:\/([^/]+))?$/;

function limits(policy: unknown): Limits {
  if (policy === undefined || policy === null) return {};
  if (typeof policy !== 'object') throw new BadMessage('policy', 'must be an object');
  const given = policy as Record<string, unknown>;
  const read = (name: 'executionTimeout' | 'ttl'): Limits => {
    const ms = given[name];
    if (ms === undefined) return {};
    if (typeof ms !== 'number' || !(ms > 0)) throw new BadMessage(`policy.${name}`, 'must be a number of milliseconds');
    return { [name]: ms };
  };
  return { ...read('executionTimeout'), ...read('ttl') };
}

function submit({ queue }: RouteDeps, message: unknown, policy: unknown): JobView {
  const accepted = queue.submit(parseMessage(message), limits(policy));
  if (!accepted) throw new Problem(429, 'QUEUE_FULL', 'too many jobs wait already');
  return accepted;
}

function must(view: JobView | null): JobView {
  if (!view) throw new Problem(404, 'NOT_FOUND', 'no such job');
  return view;
}

function allow(request: IncomingMessage, ...methods: string[]): void {
  if (!methods.includes(request.method ?? ''))
    throw new Problem(405, 'METHOD_NOT_ALLOWED', `use ${methods.join(' or ')}`);
}

async function run(request: IncomingMessage, deps: RouteDeps): Promise<JobView> {
  const body = await readJson(request);
  const wrapped = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  if (wrapped.input === undefined) throw new BadMessage('input', 'is missing');
  return submit(deps, wrapped.input, wrapped.policy);
}

async function dispatch(request: IncomingMessage, path: string, deps: RouteDeps): Promise<unknown> {
  if (path === '/health') {
    allow(request, 'GET', 'HEAD');
    return { ok: true, jobs: deps.queue.counts() };
  }
  if (deps.apiKey !== undefined && !bearerMatches(request.headers.authorization, deps.apiKey))
    throw new Problem(401, 'AUTH_REQUIRED', 'a bearer key is required');
  if (path === '/') {
    allow(request, 'POST');
    return submit(deps, await readJson(request), undefined);
  }
  const [, verb, id] = ROUTE.exec(path) ?? [];
  if (verb === 'run' && id === undefined) {
    allow(request, 'POST');
    return run(request, deps);
  }
  if (verb === 'status' && id !== undefined) {
    allow(request, 'GET');
    return must(deps.queue.status(id));
  }
  if (verb === 'cancel' && id !== undefined) {
    allow(request, 'POST');
    return must(deps.queue.cancel(id));
  }
  throw new Problem(404, 'NOT_FOUND', 'no such route');
}

/** The body of a 200 answer; throws Problem for any other. */
export async function handle(request: IncomingMessage, deps: RouteDeps): Promise<unknown> {
  const path = (request.url ?? '/').split('?')[0]!;
  try {
    return await dispatch(request, path, deps);
  } catch (error) {
    if (error instanceof BadMessage) throw new Problem(400, 'VALIDATION_ERROR', error.message, error.field);
    throw error;
  }
}

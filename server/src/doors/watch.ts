/**
 * `GET /trpc/watch/:id`: the upgrade of a watcher, outside tRPC's own adapter, which knows no WebSockets here. A ticket admits, and
 * nothing else: it is checked before any object is touched, and a session token never stands in a URL. Then the user's object is asked
 * whether the session behind it was revoked, and nothing that is remembered will do: what is opened here may last for an hour.
 */

import type { Env } from '../bindings.ts';
import type { Refusal } from '../contract/errors.ts';
import { invalid, refuse } from '../domain/result.ts';
import { upgradeOf } from '../durable-objects/job-coordinator/sockets.ts';
import { sessionRevoked } from '../durable-objects/job-coordinator/watchers.ts';
import { log } from '../log.ts';
import { checkTicket } from '../security/ticket.ts';
import { settingsOf } from '../settings/settings.ts';
import { answerRefusal } from '../wire/envelope.ts';
import { isAllowedOrigin } from './headers.ts';

const UPGRADE_REQUIRED = 426;
/** Seconds over which the binding counts: see wrangler.toml. */
const LIMIT_SECONDS = 60;

export async function watch(request: Request, env: Env, jobId: string, requestId: string): Promise<Response> {
  const settings = settingsOf(env);
  const { origin: own, searchParams } = new URL(request.url);
  const refused = (refusal: Refusal, status?: number): Response => {
    log('warn', 'watch.refused', { requestId, jobId, code: refusal.code });
    return answerRefusal(requestId, refusal, null, status);
  };
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    return refused(invalid('upgrade', 'a WebSocket is served here').refusal, UPGRADE_REQUIRED);
  }
  // Browsers check no answer to an upgrade, so what CORS does for fetch is done here.
  const origin = request.headers.get('origin');
  if (origin !== null && origin !== own && !isAllowedOrigin(origin, settings.corsOrigins)) {
    return refused(refuse('AUTH_REQUIRED', 'this origin is not on the list', null).refusal);
  }
  const bearer = checkTicket(searchParams.get('ticket') ?? '', jobId, Date.now(), settings);
  if (bearer === null) {
    const message = 'a ticket for this job is needed, less than a minute old: jobs.get has one';
    return refused(refuse('AUTH_REQUIRED', message, null).refusal);
  }
  let id: DurableObjectId;
  try {
    id = env.JOB_COORDINATOR.idFromString(jobId);
  } catch {
    return refused(refuse('JOB_NOT_FOUND', 'no such job', null).refusal);
  }
  const { userId } = bearer;
  if (!(await env.MUTATION_LIMIT.limit({ key: `${userId}:watch` })).success) {
    const message = `too many connections, try again in ${LIMIT_SECONDS} seconds`;
    return refused(refuse('RATE_LIMITED', message, { retryAfterSeconds: LIMIT_SECONDS }).refusal);
  }
  const epoch = await env.USER_LIMITER.get(env.USER_LIMITER.idFromName(userId)).sessionEpoch();
  if (bearer.sessionFrom < (epoch ?? 0)) return refused(sessionRevoked().refusal);
  const response = await env.JOB_COORDINATOR.get(id).fetch(upgradeOf({ ...bearer, requestId }));
  const { status } = response;
  if (status === 101) {
    log('info', 'watch.opened', { requestId, jobId, userId });
    // It carries its socket, which no copy would.
    return response;
  }
  log('warn', 'watch.refused', { requestId, jobId, userId, status });
  return new Response(response.body, response);
}

/** The Worker: HTTP, queues, schedule; exports the objects. */

import type { Env } from './bindings.ts';
import { refuse } from './domain/result.ts';
import { callback } from './doors/callback.ts';
import { asGet, withoutBody } from './doors/head.ts';
import { finish, preflight } from './doors/headers.ts';
import { health } from './doors/health.ts';
import { watch } from './doors/watch.ts';
import { failure, type LogFields, log } from './log.ts';
import { consumeJobs } from './queue/consumer.ts';
import { consumeDeadLetters } from './queue/dead-letter.ts';
import { reconcileRound } from './reconcile-round.ts';
import { handleRpc } from './rpc/handler.ts';
import { SettingsError } from './settings/error.ts';
import { settingsOf } from './settings/settings.ts';
import { answerRefusal } from './wire/envelope.ts';
import { refusalOf } from './wire/refusal-of.ts';

export { JobCoordinatorDO } from './durable-objects/job-coordinator/index.ts';
export { UserLimiterDO } from './durable-objects/user-limiter/index.ts';

const CALLBACK = /^\/jobs\/([A-Za-z0-9]{1,128})\/callback\/?$/;
const WATCH = /^\/trpc\/watch\/([A-Za-z0-9]{1,128})$/;

/** @param note adds to the request's line in the log */
async function route(
  request: Request,
  pathname: string,
  env: Env,
  requestId: string,
  note: (fields: LogFields) => void,
): Promise<Response> {
  if (request.method === 'OPTIONS') return preflight();
  // One at the end means nothing, at any address.
  const address = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
  if (address === '/health' && request.method === 'GET') return health(env, requestId);
  const watched = WATCH.exec(address)?.[1];
  if (watched !== undefined) return watch(request, env, watched, requestId);
  if (pathname.startsWith('/trpc/')) return handleRpc(request, env, requestId);
  const jobId = CALLBACK.exec(pathname)?.[1];
  if (jobId !== undefined && request.method === 'POST') return callback(request, env, jobId, requestId, note);
  return answerRefusal(
    requestId,
    refuse('NOT_FOUND', `nothing is served at ${request.method} ${pathname.slice(0, 100)}`, null).refusal,
  );
}

/** Nothing is allowed while the settings are broken: the answer itself says which. */
function corsOrigins(env: Env): string[] {
  try {
    return settingsOf(env).corsOrigins;
  } catch (error) {
    if (error instanceof SettingsError) return [];
    throw error;
  }
}

export default {
  async fetch(request, env) {
    const requestId = `req_${crypto.randomUUID()}`;
    const started = Date.now();
    const { pathname } = new URL(request.url);
    const notes: LogFields = {};
    let response: Response;
    try {
      response = await route(request.method === 'HEAD' ? asGet(request) : request, pathname, env, requestId, (fields) =>
        Object.assign(notes, fields),
      );
    } catch (error) {
      log('error', 'request.failed', { requestId, ...failure(error) });
      response = answerRefusal(requestId, refusalOf(error));
    }
    // Probes ask every few seconds, and a line is billed: only what is wrong is worth one.
    if (pathname !== '/health' || response.status !== 200) {
      const { method } = request;
      const { status } = response;
      const ms = Date.now() - started;
      log('info', 'request', { requestId, method, path: pathname.slice(0, 200), status, ms, ...notes });
    }
    const answered = request.method === 'HEAD' ? await withoutBody(response) : response;
    return finish(answered, request, requestId, corsOrigins(env));
  },

  async queue(batch, env) {
    if (batch.queue.endsWith('-dlq')) await consumeDeadLetters(batch, env);
    else await consumeJobs(batch, env);
  },

  async scheduled(_event, env) {
    await reconcileRound(env);
  },
} satisfies ExportedHandler<Env>;

/** `POST /jobs/:id/callback`: results from the GPU worker. Authenticated before any object is touched. */

import type { Env } from '../bindings.ts';
import { attempt, type CallbackResult, callbackBatch, callbackSingle } from '../contract/callback.ts';
import { MAX_CALLBACK_BODY } from '../contract/limits.ts';
import { invalid, ok, type Refused, type Result, refuse } from '../domain/result.ts';
import { type LogFields, log } from '../log.ts';
import { isSigned, type Reporter, reporterShown, reporterSigned } from '../security/callback-auth.ts';
import { type Settings, settingsOf } from '../settings/settings.ts';
import { answer, answerRefusal } from '../wire/envelope.ts';
import { refusalOf } from '../wire/refusal-of.ts';
import { readBytes } from './body.ts';
import { tooLarge, unpacked } from './encoding.ts';

type Report = { ok: true; results: CallbackResult[]; isBatch: boolean } | Refused;

/** @param note adds to the request's line in the log */
export async function callback(
  request: Request,
  env: Env,
  jobId: string,
  requestId: string,
  note: (fields: LogFields) => void,
): Promise<Response> {
  const settings = settingsOf(env);
  const admitted = await admit(request, jobId, settings);
  if (!admitted.ok) {
    if (admitted.refusal.code === 'AUTH_REQUIRED') log('warn', 'callback.unauthorized', { requestId, jobId });
    return answerRefusal(requestId, admitted.refusal);
  }
  const { reporter, text } = admitted.value;
  const report = parse(text, jobId, new URL(request.url).searchParams.get('attempt'));
  if (!report.ok) return answerRefusal(requestId, report.refusal);
  let id: DurableObjectId;
  try {
    id = env.JOB_COORDINATOR.idFromString(jobId);
  } catch {
    return answerRefusal(requestId, refuse('JOB_NOT_FOUND', 'no such job', null).refusal);
  }
  const result = await env.JOB_COORDINATOR.get(id).report(
    requestId,
    report.results,
    report.isBatch,
    reporter.webhookId,
  );
  if (!result.ok) return answerRefusal(requestId, result.refusal);
  const counts = Object.fromEntries(
    ['accepted', 'duplicate', 'ignored'].map((kind) => [
      kind,
      result.value.items.filter((i) => i.outcome === kind).length,
    ]),
  );
  note({ jobId, job: result.value.status, ...counts });
  return answer(requestId, result.value);
}

/** Decodes UTF-8, without the mark that some editors and libraries put before it. */
const utf8 = new TextDecoder();

/** Who reports, and what. Nothing is unpacked for somebody who shows no token and signs nothing. */
async function admit(
  request: Request,
  jobId: string,
  settings: Settings,
): Promise<Result<{ reporter: Reporter; text: string }>> {
  const { headers } = request;
  const sent = await readBytes(request, MAX_CALLBACK_BODY);
  if (sent === null) return tooLarge(MAX_CALLBACK_BODY);
  const shown = reporterShown(headers, jobId, settings);
  if (shown === null && !isSigned(headers)) return nobody();
  const body = await unpacked(sent, headers.get('content-encoding'), MAX_CALLBACK_BODY);
  const text = body.ok ? utf8.decode(body.value) : '';
  // A library signs what it is given, which its HTTP client may compress afterwards: what was sent and what it says are as good.
  const over = body.ok && body.value !== sent ? [sent, body.value] : [sent];
  const reporter = shown ?? reporterSigned(headers, jobId, { signed: over, text }, Date.now(), settings);
  if (reporter === null) return nobody();
  return body.ok ? ok({ reporter, text }) : body;
}

const nobody = (): Refused => refuse('AUTH_REQUIRED', 'no valid callback credential', null);

/** @param named the number of the run in the address, as we wrote it there; it counts before what the body says */
function parse(body: string, jobId: string, named: string | null): Report {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return invalid('body', 'is not JSON');
  }
  // A typed language that has one class for both forms sends the other one's fields as null.
  const isBatch = typeof json === 'object' && json !== null && 'items' in json && json.items !== null;
  const parsed = (isBatch ? callbackBatch : callbackSingle).safeParse(json);
  if (!parsed.success) return { ok: false, refusal: refusalOf(parsed.error) };
  const { data } = parsed;
  if (data.job_id != null && data.job_id !== jobId) return invalid('job_id', 'is not the job of this address');
  const run = attempt.safeParse(named === null || !/^\d{1,9}$/.test(named) ? named : Number(named));
  if (!run.success) return invalid('attempt', 'in the address must be the number of a run, from 1');
  const results = 'items' in data ? data.items : [data];
  if (run.data == null) return { ok: true, results, isBatch };
  return { ok: true, results: results.map((result) => ({ ...result, attempt: run.data })), isBatch };
}

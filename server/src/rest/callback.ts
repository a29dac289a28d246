/** `POST /jobs/:id/callback`: results from the GPU worker. Authenticated before any object is touched. */
import { type CallbackResult, callbackBatch, callbackSingle } from '../contract/callback.ts';
import { MAX_CALLBACK_BODY } from '../contract/limits.ts';
import { invalid, type Refused, refuse } from '../domain/result.ts';
import { type Env, settingsOf } from '../env.ts';
import { readBody } from '../http/body.ts';
import { answer, answerRefusal } from '../http/envelope.ts';
import { refusalOf } from '../http/refusal-of.ts';
import { type LogFields, log } from '../log.ts';
import { reporterOf } from '../security/callback-auth.ts';

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
  const body = await readBody(request, MAX_CALLBACK_BODY);
  if (body === null) {
    const message = `a callback has at most ${MAX_CALLBACK_BODY} bytes`;
    return answerRefusal(requestId, refuse('PAYLOAD_TOO_LARGE', message, { limit: MAX_CALLBACK_BODY }).refusal);
  }
  const reporter = reporterOf(request.headers, jobId, body, Date.now(), settings);
  if (reporter === null) {
    log('warn', 'callback.unauthorized', { requestId, jobId });
    return answerRefusal(requestId, refuse('AUTH_REQUIRED', 'no valid callback credential', null).refusal);
  }
  const report = parse(body, jobId);
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

function parse(body: string, jobId: string): Report {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return invalid('body', 'is not JSON');
  }
  const isBatch = typeof json === 'object' && json !== null && 'items' in json;
  const parsed = (isBatch ? callbackBatch : callbackSingle).safeParse(json);
  if (!parsed.success) return { ok: false, refusal: refusalOf(parsed.error) };
  const { data } = parsed;
  if (data.job_id != null && data.job_id !== jobId) return invalid('job_id', 'is not the job of this address');
  return { ok: true, results: 'items' in data ? data.items : [data], isBatch };
}

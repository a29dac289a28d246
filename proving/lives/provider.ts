/** What the GPU provider of the model answers: to a dispatch, and when it is asked how a run stands. */

/** Answers that say that it certainly does not run it, and their HTTP status. */
const NO = { refuse: 429, busy: 503, unauthorized: 401, missing: 404 } as const;
const isNo = (answer: ProviderAnswer): answer is keyof typeof NO => answer in NO;

export const PROVIDER_ANSWERS = [
  'accept',
  'accept-without-id',
  'refuse',
  'busy',
  'unauthorized',
  'missing',
  /** The message is not one that it takes. */
  'wrong',
  'lose',
  'error',
  /** Held until it is let go or its time limit is over. */
  'hold',
  'hold-and-refuse',
] as const;
export type ProviderAnswer = (typeof PROVIDER_ANSWERS)[number];

/** Whether it runs it, or may. */
export const isTaken = (answer: ProviderAnswer): boolean => !isRefused(answer) && answer !== 'wrong';
/** Whether it is no try: nothing runs, and nothing is amiss with the message. */
export const isRefused = (answer: ProviderAnswer): boolean => isNo(answer) || answer === 'hold-and-refuse';
export const isHeld = (answer: ProviderAnswer): boolean => answer === 'hold' || answer === 'hold-and-refuse';

/** Throws where the answer is lost. @param runId its name for the run */
export function answerTo(answer: ProviderAnswer, runId: string | null): Response {
  if (isRefused(answer)) return new Response('not now', { status: isNo(answer) ? NO[answer] : NO.refuse });
  if (answer === 'wrong') return new Response('input: no such field', { status: 422 });
  if (answer === 'error') return new Response('oops', { status: 500 });
  if (answer === 'lose') throw new TypeError('network connection lost');
  return Response.json(runId === null ? {} : { id: runId, status: 'IN_QUEUE' });
}

/** Runpod's words; `forgotten` and `unknown` are answers that hold none. */
export const RUN_STATUSES = [
  'IN_QUEUE',
  'IN_PROGRESS',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TIMED_OUT',
  'unknown',
  'forgotten',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** What begins a run's work, and what ends it, in its words. */
export const WORKING: readonly RunStatus[] = ['IN_PROGRESS', 'RUNNING'];
export const DEAD: readonly RunStatus[] = ['FAILED', 'CANCELLED', 'TIMED_OUT'];

export function statusAnswer(status: RunStatus): Response {
  if (status === 'forgotten') return new Response(null, { status: 404 });
  if (status === 'unknown') return new Response(null, { status: 500 });
  return Response.json({ status, ...(status === 'FAILED' ? { error: 'CUDA out of memory' } : {}) });
}

/** One request until it is answered: limited in time, tried again with full jitter, kept to what the server asks for. */
import type { Clock } from '../clock.ts';
import type { Fetch } from '../wire/http.ts';
import { WebhookError, type WebhookErrorCode } from './error.ts';

export interface Delivery {
  fetch: Fetch;
  url: string;
  body: string;
  /** Headers of one try: signatures age. */
  headers(): Promise<Record<string, string>>;
  maxRetries: number;
  /** Milliseconds that one try may take. */
  timeout: number;
  signal: AbortSignal | undefined;
  clock: Clock;
}

/** Upper bound of the first wait, which doubles with each try, and of all of them, in milliseconds. */
const BASE_MS = 500;
const CAP_MS = 30_000;
/** A `Retry-After` is kept up to this many seconds. */
const LONGEST_ASKED_WAIT = 60;

/** The answer's `data`. Rejects with a {@link WebhookError}. */
export async function deliver(delivery: Delivery): Promise<unknown> {
  const { maxRetries, clock, signal } = delivery;
  for (let failures = 0; !signal?.aborted; ) {
    try {
      return await once(delivery);
    } catch (error) {
      if (signal?.aborted) break;
      if (!(error instanceof WebhookError && error.retryable) || failures >= maxRetries) throw error;
      const asked = Math.min(error.retryAfter ?? 0, LONGEST_ASKED_WAIT) * 1000;
      const drawn = clock.random() * Math.min(CAP_MS, BASE_MS * 2 ** failures);
      failures += 1;
      await clock.sleep(Math.max(asked, drawn), signal).catch(() => {});
    }
  }
  throw new WebhookError('ABORTED', 'The callback was aborted');
}

async function once({ fetch, url, body, headers, timeout, signal }: Delivery): Promise<unknown> {
  const controller = new AbortController();
  const leave = () => controller.abort();
  const timer = setTimeout(leave, timeout);
  signal?.addEventListener('abort', leave);
  if (signal?.aborted) leave();
  let status: number | null = null;
  let retryAfter: number | null = null;
  let answer: Answer;
  try {
    const init = {
      method: 'POST',
      headers: await headers(),
      body,
      redirect: 'manual',
      signal: controller.signal,
    } as const;
    const response = await fetch(url, init);
    status = response.status;
    retryAfter = Number(response.headers.get('retry-after')) || null;
    answer = (await response.json()) as Answer;
  } catch (cause) {
    const why = controller.signal.aborted ? `no answer in ${timeout} ms` : String(cause);
    throw new WebhookError('NETWORK_ERROR', status === null ? why : `HTTP ${status} without a JSON answer`, {
      status,
      retryAfter,
      retryable: status === null || mayPass(status),
      cause,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  }
  if (answer?.success) return answer.data;
  const { code, message, details } = answer?.error ?? {};
  throw new WebhookError(code ?? 'NETWORK_ERROR', message ?? `HTTP ${status}`, {
    status,
    retryAfter,
    field: details?.field ?? null,
    retryable: mayPass(status),
    requestId: answer?.meta?.request_id ?? null,
  });
}

/** As the server answers outside tRPC. */
type Answer = {
  success?: boolean;
  data?: unknown;
  error?: { code?: WebhookErrorCode; message?: string; details?: { field?: string } | null } | null;
  meta?: { request_id?: string };
} | null;

const mayPass = (status: number): boolean => status === 408 || status === 429 || status >= 500;

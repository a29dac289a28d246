/**
 * The GPU provider and its worker, scripted: it remembers all that it is sent, answers as it is told, and what its worker says of photos
 * is data. It speaks in web requests and responses: a fetch inside workerd (workerd/gpu.ts) and a server of its own
 * (bundle/gpu.ts) are doors to the same.
 */
import type { DispatchItem, DispatchMessage } from '../../server/src/contract/gpu-message.ts';
import { type JobRef, outputKey, previewKey } from '../../server/src/domain/keys.ts';

type Answer = Response | Promise<Response>;
export type Script = {
  /** @param nth how many dispatches came before */
  dispatch(message: DispatchMessage, nth: number): Answer;
  status(runId: string): Answer;
  cancel(runId: string): Answer;
};

/** Takes every run under an id of its own, and knows nothing of any run afterwards. */
export const accepting = (): Script => ({
  dispatch: ({ job_id, attempt }) => Response.json({ id: `run-${job_id.slice(0, 8)}-${attempt}`, status: 'IN_QUEUE' }),
  status: () => new Response(null, { status: 404 }),
  cancel: () => new Response(null, { status: 200 }),
});
export const answering = (status: number) => () => new Response('no', { status });
export const losingTheAnswer = () => Promise.reject(new TypeError('network connection lost'));

export type Dispatched = {
  message: DispatchMessage;
  /** `performance.now()` when it came in. */
  at: number;
  bytes: number;
};
export type ProviderOptions = {
  /** Where it is reached, and with which key; anything else is unexpected. */
  origin?: string | undefined;
  apiKey?: string | undefined;
  /** Reads the body of a POST to `path`; throws on what is no dispatch. */
  parse?: (body: string, path: string) => DispatchMessage;
};

const PATIENCE_MS = 30_000;

export class Unexpected extends Error {}

export class Provider {
  script: Script = accepting();
  readonly dispatched: Dispatched[] = [];
  readonly statusAsked: string[] = [];
  readonly canceled: string[] = [];
  /** Calls that no provider should get. */
  readonly unexpected: string[] = [];
  /** Names under which it was called. */
  readonly agents = new Set<string | null>();
  readonly #options: ProviderOptions;
  readonly #coming = new Map<string, PromiseWithResolvers<Dispatched>>();

  constructor(options: ProviderOptions = {}) {
    this.#options = options;
  }

  /** Whether it was asked of that run, or told to cancel it. */
  wasAsked(runId: string): boolean {
    return this.statusAsked.includes(runId) || this.canceled.includes(runId);
  }

  /** Forgets everything, and accepts again. */
  reset(): void {
    for (const list of [this.dispatched, this.statusAsked, this.canceled, this.unexpected]) list.length = 0;
    this.agents.clear();
    this.#coming.clear();
    this.script = accepting();
  }

  get dispatches(): DispatchMessage[] {
    return this.dispatched.map(({ message }) => message);
  }
  dispatchesOf(jobId: string): DispatchMessage[] {
    return this.dispatches.filter(({ job_id }) => job_id === jobId);
  }

  /** The dispatch of a job, once it has come; asked for before or after. */
  async dispatchOf(jobId: string, attempt = 1): Promise<Dispatched> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error(`job ${jobId} was not dispatched within 30 s`)), PATIENCE_MS);
    return Promise.race([this.#comes(jobId, attempt).promise, promise]).finally(() => clearTimeout(timer));
  }

  #comes(jobId: string, attempt: number): PromiseWithResolvers<Dispatched> {
    const name = `${jobId} ${attempt}`;
    const known = this.#coming.get(name) ?? Promise.withResolvers<Dispatched>();
    this.#coming.set(name, known);
    return known;
  }

  /**
   * Throws {@link Unexpected}, and where the answer is to be lost.
   * @param at when it came in, as of `performance.now()` @param script of this call alone
   */
  async answer(request: Request, at = performance.now(), script = this.script): Promise<Response> {
    const { origin, pathname } = new URL(request.url);
    const { apiKey, parse = (body) => JSON.parse(body) as DispatchMessage } = this.#options;
    const isKeyed = apiKey === undefined || request.headers.get('authorization') === `Bearer ${apiKey}`;
    if (!isKeyed || origin !== (this.#options.origin ?? origin)) {
      this.unexpected.push(`${request.method} ${request.url}`);
      throw new Unexpected(`unexpected request to ${request.url}`);
    }
    this.agents.add(request.headers.get('user-agent'));
    const [, verb, runId] = pathname.split('/');
    if (verb === 'status' && runId !== undefined) {
      this.statusAsked.push(runId);
      return script.status(runId);
    }
    if (verb === 'cancel' && runId !== undefined) {
      this.canceled.push(runId);
      return script.cancel(runId);
    }
    const body = await request.text();
    const message = parse(body, pathname);
    const dispatched = { message, at, bytes: new TextEncoder().encode(body).length };
    this.dispatched.push(dispatched);
    this.#comes(message.job_id, message.attempt).resolve(dispatched);
    return script.dispatch(message, this.dispatched.length - 1);
  }
}

/** A photo as its dispatch names it. */
export type Item = Pick<DispatchItem, 'idx' | 'output_key' | 'preview_key'>;
export const itemOf = (job: JobRef, idx: number): Item => ({
  idx,
  output_key: outputKey(job, idx),
  preview_key: previewKey(job, idx),
});

/** What is the number of no run, in a callback's address. */
export const NO_RUNS = [
  '',
  'x',
  '0',
  '-1',
  '1.5',
  '1,2',
  'NaN',
  'Infinity',
  '1e999',
  '1e0',
  '0x1',
  ' 1',
  '9007199254740993',
  '\0',
  '💥',
];

/** What the worker says of a photo, as it stands in a callback. */
export type Said = { status: 'done' | 'failed'; attempt: number; error: string; preview: boolean };
export function resultOf({ idx, output_key, preview_key }: Item, { status, attempt, error, preview }: Said) {
  if (status === 'failed') return { ...failedItem(idx, error), attempt };
  return { idx, status, output_key, ...(preview ? { preview_key } : {}), attempt };
}
export const doneItem = (job: JobRef, idx: number, attempt = 1) => ({
  ...itemOf(job, idx),
  status: 'done' as const,
  attempt,
});
export const failedItem = (idx: number, error = 'cannot be decoded') => ({ idx, status: 'failed' as const, error });

/** A callback's body: one photo by itself, unless it is told to be a batch. */
export const bodyOf = <T>(results: T[], batch = results.length !== 1): T | { items: T[] } | undefined =>
  batch ? { items: results } : results[0];

/** As large as a picture, so that its size and type are enough to tell that it is one. */
export const PICTURE = new Uint8Array(1024);
/** Only the first bytes tell that this is a PNG. */
export const SIGNATURE = Uint8Array.from('\x89PNG\r\n\x1a\n', (char) => char.charCodeAt(0));

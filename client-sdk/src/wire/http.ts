/**
 * API calls over HTTP, in tRPC's own format: calls of one turn share a request, within the server's limit. Each request is limited
 * in time. No retries and no session here.
 */
import { linkedSignal, onAbort } from '../abort.ts';
import { forbidden, hasAnswered, watchPolicy } from '../blocked.ts';
import { aborted, isControlFlow, networkError } from '../errors.ts';
import { MAX_BATCH } from '../generated/limits.ts';
import { PROCEDURES, type ProcedurePath, type Procedures } from '../generated/procedures.ts';
import { decode, type Encoded, encode } from './codec.ts';
import { messageOf, readError } from './error.ts';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** What names the pages that may call. */
const CORS_RULE = 'CORS_ORIGINS';
/** Characters of a batch's URL; proxies begin to refuse at 8 KB. */
const MAX_URL = 6_000;

/**
 * Some frameworks cache what `fetch` is asked for unless it says otherwise, and would show a job as it was for ever. Workers and React
 * Native have no such option, and may refuse it.
 */
const UNCACHED: RequestInit =
  typeof Request === 'function' && 'cache' in Request.prototype ? { cache: 'no-store' } : {};

export interface WireOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds that the request may take. */
  timeout: number;
  /** Called when the request that the call is in leaves. */
  onSent?: (() => void) | undefined;
}

/** Sends one call, with a token or without. Rejects with an `S3Error`. */
export type Wire = <P extends ProcedurePath>(
  path: P,
  input: Procedures[P]['input'],
  token: string | null,
  options: WireOptions,
) => Promise<Procedures[P]['output']>;

/** A call that waits for the end of this turn. */
interface Waiting {
  path: ProcedurePath;
  input: unknown;
  resolve(output: unknown): void;
  reject(error: unknown): void;
  signal: AbortSignal | undefined;
  onSent: (() => void) | undefined;
}
/** Calls that may share a request: of one kind, for one user, with one time limit. */
interface Group {
  type: 'query' | 'mutation';
  token: string | null;
  timeout: number;
  calls: Waiting[];
}

export function createWire(baseUrl: string, fetch: Fetch): Wire {
  const groups = new Map<string, Group>();

  return (path, input, token, { signal, timeout, onSent }) =>
    new Promise<never>((resolve, reject) => {
      const { type } = PROCEDURES[path];
      const key = `${type} ${timeout} ${token}`;
      let group = groups.get(key);
      if (!group) {
        group = { type, token, timeout, calls: [] };
        groups.set(key, group);
        queueMicrotask(() => flush(key));
      }
      group.calls.push({ path, input, resolve: resolve as Waiting['resolve'], reject, signal, onSent });
    });

  function flush(key: string): void {
    const group = groups.get(key) as Group;
    groups.delete(key);
    group.calls = group.calls.filter(({ reject, signal }) => {
      if (signal?.aborted) reject(aborted(signal));
      return !signal?.aborted;
    });
    for (const calls of portions(group)) {
      send({ ...group, calls }).catch((error) => {
        for (const { reject } of calls) reject(error);
      });
    }
  }

  async function send({ type, token, timeout, calls }: Group): Promise<void> {
    const { url, ...how } = address(type, calls);
    const [signal, end, release] = linkedSignal(undefined, timeout);
    const leave = allAborted(calls, () => end(aborted()));
    let response: Response | undefined;
    watchPolicy();
    try {
      for (const { onSent } of calls) onSent?.();
      response = await fetch(baseUrl + url, {
        ...how,
        headers: { ...how.headers, ...(token !== null && { authorization: `Bearer ${token}` }) },
        ...UNCACHED,
        signal,
      });
      hasAnswered(baseUrl);
      const answer: unknown = JSON.parse(await response.text());
      calls.forEach(({ resolve, reject }, at) => {
        settle(Array.isArray(answer) ? answer[at] : answer, response as Response, resolve, reject);
      });
    } catch (error) {
      const isSilent = !response && !signal.aborted && !isControlFlow(error);
      const why = isSilent ? await forbidden(baseUrl, CORS_RULE) : null;
      throw why === null ? unanswered(error, response, signal) : networkError(why, { cause: error, retryable: false });
    } finally {
      release();
      leave();
    }
  }
}

function settle(answer: unknown, response: Response, resolve: Waiting['resolve'], reject: Waiting['reject']): void {
  const data = (answer as { result?: { data?: Encoded } } | null)?.result?.data;
  if (data) resolve(decode(data));
  else reject(readError(answer, response));
}

/** What is not JSON, or ends in the middle, is no answer of the server's, but a proxy's page or a broken line: whatever its status. */
function unanswered(error: unknown, response: Response | undefined, signal: AbortSignal): unknown {
  if (isControlFlow(error)) return error;
  const late = signal.aborted;
  const cause: unknown = late ? (signal.reason ?? error) : error;
  return !response || late
    ? networkError(`The server could not be reached: ${messageOf(cause)}`, { cause })
    : networkError(`HTTP ${response.status} without a JSON answer`, { response, retryable: true, cause });
}

interface Address {
  url: string;
  method: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string;
}

function address(type: Group['type'], calls: Waiting[]): Address {
  const inputs: Record<number, Encoded> = {};
  calls.forEach(({ input }, at) => {
    if (input !== undefined) inputs[at] = encode(input);
  });
  const url = `/trpc/${calls.map(({ path }) => path).join(',')}?batch=1`;
  const json = JSON.stringify(inputs);
  return type === 'mutation'
    ? { url, method: 'POST', headers: { 'content-type': 'application/json' }, body: json }
    : { url: `${url}&input=${encodeURIComponent(json)}`, method: 'GET' };
}

/** The calls in their order, as few requests as the limits allow. */
function portions({ type, calls }: Group): Waiting[][] {
  const all: Waiting[][] = [];
  for (const call of calls) {
    const more = [...(all.at(-1) ?? []), call];
    if (more.length === 1 || more.length > MAX_BATCH || address(type, more).url.length > MAX_URL) all.push([call]);
    else all[all.length - 1] = more;
  }
  return all;
}

/** Calls `end` once nobody waits for any of the calls. */
function allAborted(calls: readonly Waiting[], end: () => void): () => void {
  const leave = calls.map(({ signal }) =>
    onAbort(signal, () => {
      if (calls.every((call) => call.signal?.aborted)) end();
    }),
  );
  return () => {
    for (const one of leave) one();
  };
}

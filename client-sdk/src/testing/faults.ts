/** What can go wrong between an app and its server, on demand. */

import type { Refusal } from '../../../server/src/contract/errors.ts';
import type { S3ErrorCode, S3ErrorData } from '../errors.ts';
import type { ProcedurePath } from '../generated/procedures.ts';

/** A request that goes wrong: a procedure's, an upload's PUT, or a GET of a result. */
export type FaultTarget = ProcedurePath | 'upload' | 'download';

/** A refusal with the code and data that the server would give. */
export type RefusalFault = {
  [C in Exclude<S3ErrorCode, 'ABORTED' | 'NETWORK_ERROR' | 'OVER_BUDGET' | 'INVALID_FILE'>]: {
    code: C;
    data: S3ErrorData<C>;
    message?: string | undefined;
  };
}[Exclude<S3ErrorCode, 'ABORTED' | 'NETWORK_ERROR' | 'OVER_BUDGET' | 'INVALID_FILE'>];

/**
 * `unreachable`: the request does not arrive. `lost-answer`: the server does what it is asked, and its answer is lost. `opaque`: the
 * storage refuses this URL from now on without CORS headers, as R2 does, so that a page is told nothing, as by `unreachable`; of
 * uploads and downloads only. A `status` answers without the server, as a proxy does; a `code` is the server's own refusal, of
 * procedures only.
 */
export type Fault =
  | 'unreachable'
  | 'lost-answer'
  | 'opaque'
  | { status: number; retryAfterSeconds?: number | undefined }
  | RefusalFault;

/** What can go wrong. */
export interface TestFaults {
  /** Nothing arrives any more, and every socket breaks. */
  offline(): void;
  /** Ends `offline`. In a browser, `dispatchEvent(new Event('online'))` tells the client at once. */
  online(): void;
  /** The next request to `target` goes wrong; called again, the one after it as well. */
  once(target: FaultTarget, fault: Fault): void;
  /** Breaks every socket. They may be opened again. */
  dropSockets(): void;
}

/** As `fetch` rejects where there is no network. */
const networkFailure = () => new TypeError('Failed to fetch');

export class Faults implements TestFaults {
  isOffline = false;
  readonly #waiting = new Map<FaultTarget, Fault[]>();
  /** URLs that are refused without a word. */
  readonly #opaque = new Set<string>();
  readonly #dropSockets: () => void;

  constructor(dropSockets: () => void) {
    this.#dropSockets = dropSockets;
  }

  offline(): void {
    this.isOffline = true;
    this.#dropSockets();
  }

  online(): void {
    this.isOffline = false;
  }

  once(target: FaultTarget, fault: Fault): void {
    this.#waiting.set(target, [...(this.#waiting.get(target) ?? []), fault]);
  }

  dropSockets(): void {
    this.#dropSockets();
  }

  /** Lets a request to these targets through, or not. */
  async around(targets: readonly FaultTarget[], url: string, answer: () => Promise<Response>): Promise<Response> {
    if (this.isOffline || this.#opaque.has(url)) throw networkFailure();
    const fault = this.#next(targets, (waiting) => typeof waiting === 'string' || 'status' in waiting);
    if (fault === 'opaque') this.#opaque.add(url);
    if (fault === 'opaque' || fault === 'unreachable') throw networkFailure();
    if (typeof fault === 'object' && 'status' in fault) return answerOf(fault);
    const response = await answer();
    if (fault === 'lost-answer' || this.isOffline) throw networkFailure();
    return response;
  }

  /** The refusal that the next call of this procedure gets, if there is one. */
  refusalOf(path: FaultTarget): Refusal | null {
    const fault = this.#next([path], (waiting) => typeof waiting === 'object' && 'code' in waiting);
    if (typeof fault !== 'object' || !('code' in fault)) return null;
    const { code, data, message = `refused by the test: ${code}` } = fault;
    return { code, message, details: data } as Refusal;
  }

  #next(targets: readonly FaultTarget[], fits: (fault: Fault) => boolean): Fault | undefined {
    for (const target of targets) {
      const [first, ...rest] = this.#waiting.get(target) ?? [];
      if (first === undefined || !fits(first)) continue;
      this.#waiting.set(target, rest);
      return first;
    }
    return undefined;
  }
}

function answerOf({ status, retryAfterSeconds }: { status: number; retryAfterSeconds?: number | undefined }): Response {
  const headers: Record<string, string> = { 'content-type': 'text/html' };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  return new Response('<html>not the server</html>', { status, headers });
}

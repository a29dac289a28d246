/** One PUT of one photo. With `XMLHttpRequest` its bytes are counted as they leave; `fetch` tells only of the whole. */
import { isPassing } from '../errors.ts';
import type { Fetch } from '../wire/http.ts';
import { readBytes } from './bytes.ts';

export interface PutAnswer {
  status: number;
  /** As the storage wrote it. */
  retryAfter: string | null;
}
/** Rejects when there is no answer, and when the signal fires. */
export type Put = (
  url: string,
  headers: Record<string, string>,
  body: Blob | Uint8Array<ArrayBuffer>,
  onBytes: (sent: number) => void,
  signal: AbortSignal,
) => Promise<PutAnswer>;

/** Headers that follow from the body and the URL. Scripts in browsers must not set them. */
const IMPLIED = new Set(['content-length', 'host']);

/** @param fetch the app's own, which is then used for uploads as well */
export function createPut(fetch: Fetch | undefined): Put {
  return fetch === undefined && typeof XMLHttpRequest === 'function'
    ? putByXhr
    : putByFetch(fetch ?? ((url, init) => globalThis.fetch(url, init)));
}

const putByFetch =
  (fetch: Fetch): Put =>
  async (url, headers, body, onBytes, signal) => {
    // `fetch` knows Blobs of its own realm alone, and would send "[object Blob]".
    const own = body instanceof Uint8Array || body instanceof Blob ? body : await readBytes(body, 0, Infinity);
    const response = await fetch(url, { method: 'PUT', headers: settable(headers), body: own as BodyInit, signal });
    // Read to the end, so that the connection can be used again.
    await response.arrayBuffer();
    if (!isPassing(response.status)) onBytes(body instanceof Uint8Array ? body.byteLength : body.size);
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  };

const putByXhr: Put = (url, headers, body, onBytes, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const over = (act: () => void) => () => {
      signal.removeEventListener('abort', stop);
      act();
    };
    request.open('PUT', url);
    for (const [name, value] of settable(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onBytes(loaded);
    request.onload = over(() =>
      resolve({ status: request.status, retryAfter: request.getResponseHeader('retry-after') }),
    );
    request.onerror = over(() => reject(new Error('no answer, or the bucket has no CORS rule for this page')));
    request.onabort = over(() => reject(new Error('aborted')));
    signal.addEventListener('abort', stop);
    if (signal.aborted) reject(new Error('aborted'));
    else request.send(body);
  });

const settable = (headers: Record<string, string>): [string, string][] =>
  Object.entries(headers).filter(([name]) => !IMPLIED.has(name.toLowerCase()));

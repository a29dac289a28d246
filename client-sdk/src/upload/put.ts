/** One PUT of one photo. With `XMLHttpRequest`, and in Node, its bytes are counted as they leave; `fetch` tells only of the whole. */
import { onAbort } from '../abort.ts';
import { isPassing } from '../errors.ts';
import type { Fetch } from '../wire/http.ts';
import { readBytes } from './bytes.ts';

export interface PutAnswer {
  status: number;
  /** As the storage wrote it. */
  retryAfter: string | null;
  /** Whether the same may work soon, whatever the status: the storage says so, or it was not the storage that answered. */
  again?: true;
}
/** Rejects when there is no answer, and when the signal fires. */
export interface Put {
  (
    url: string,
    headers: Record<string, string>,
    body: Blob | Uint8Array<ArrayBuffer>,
    onBytes: (sent: number) => void,
    signal: AbortSignal,
  ): Promise<PutAnswer>;
  /** Whether bytes are told as they leave. */
  readonly counts?: true;
}

/** Headers that follow from the body and the URL. Scripts in browsers must not set them. */
const IMPLIED = new Set(['content-length', 'host']);
/** Bytes that leave at a time where they are counted by hand. */
const PART = 65_536;
/** S3's words for "try again" with a status that does not say so. */
const TRY_AGAIN = /<Code>(RequestTimeout|IncompleteBody|OperationAborted|ConditionalRequestConflict)</;

/** @param fetch the app's own, which is then used for uploads as well */
export function createPut(fetch: Fetch | undefined): Put {
  if (fetch !== undefined) return putByFetch(fetch);
  if (typeof XMLHttpRequest === 'function') return Object.assign(putByXhr, { counts: true as const });
  const global: Fetch = (url, init) => globalThis.fetch(url, init);
  return isNode() ? Object.assign(putByFetch(global, true), { counts: true as const }) : putByFetch(global);
}

/** Its `fetch` takes a body in parts, with a length; those of others do not, and some of them call themselves Node. */
function isNode(): boolean {
  const { versions } = (globalThis as { process?: { versions?: Record<string, string> } }).process ?? {};
  const isOther = versions?.bun ?? versions?.deno ?? ('WebSocketPair' in globalThis || undefined);
  return versions?.undici !== undefined && isOther === undefined;
}

const putByFetch =
  (fetch: Fetch, counted = false): Put =>
  async (url, headers, body, onBytes, signal) => {
    const bytes = body instanceof Uint8Array ? body.byteLength : body.size;
    const how = counted
      ? {
          body: parts(body, bytes, onBytes),
          duplex: 'half',
          headers: [...settable(headers), ['content-length', `${bytes}`]],
        }
      : { body: await ofThisRealm(body), headers: settable(headers) };
    const response = await fetch(url, { method: 'PUT', ...(how as RequestInit), signal });
    // Read to the end, so that the connection can be used again.
    const text = await response.text();
    if (!isPassing(response.status)) onBytes(bytes);
    return answer(response.status, (name) => response.headers.get(name), text);
  };

/** `fetch` knows Blobs of its own realm alone, and would send "[object Blob]". */
const ofThisRealm = async (body: Blob | Uint8Array): Promise<Blob | Uint8Array> =>
  body instanceof Uint8Array || body instanceof Blob ? body : readBytes(body, 0, (body as Blob).size);

/** What is asked for anew is what has left before. */
async function* parts(body: Blob | Uint8Array, bytes: number, onBytes: (sent: number) => void) {
  for (let at = 0; at < bytes; at += PART) {
    yield await readBytes(body, at, Math.min(at + PART, bytes));
    onBytes(Math.min(at + PART, bytes));
  }
}

const putByXhr: Put = (url, headers, body, onBytes, signal) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const forget = onAbort(signal, () => request.abort());
    const over = (act: () => void) => () => {
      forget();
      act();
    };
    request.open('PUT', url);
    for (const [name, value] of settable(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onBytes(loaded);
    request.onload = over(() =>
      resolve(answer(request.status, (name) => request.getResponseHeader(name), request.responseText)),
    );
    request.onerror = over(() => reject(new Error("no answer, or the bucket's CORS rule lacks this page")));
    request.onabort = over(() => reject(new Error('aborted')));
    if (signal.aborted) reject(new Error('aborted'));
    else request.send(body);
  });

/** The storage says something in XML or nothing, and nothing at all when it has taken a photo: the rest is a proxy's. */
function answer(status: number, header: (name: string) => string | null, text = ''): PutAnswer {
  const foreign = /html|json/i.test(header('content-type') ?? '') || (status < 300 && text.trim() !== '');
  return { status, retryAfter: header('retry-after'), ...((foreign || TRY_AGAIN.test(text)) && { again: true }) };
}

const settable = (headers: Record<string, string>): [string, string][] =>
  Object.entries(headers).filter(([name]) => !IMPLIED.has(name.toLowerCase()));

/**
 * The local bucket as R2 has it. The simulator serves it over the S3 protocol, but takes headers that nobody signed, has no CORS rule, and
 * refuses before it has read the body, which the proxy of `wrangler dev` turns into 500 and a broken connection. This door stands before it
 * on a port of its own. It reads what it refuses to the end, refuses whatever is not signed, does CORS by the rule of the real bucket, and
 * passes the rest on as it is: `Host` too, since presigned URLs name this door and sign it. What a URL says that a file is to be saved as,
 * which the simulator does not know, is said here.
 *
 * R2's refusals carry no CORS headers, so that a page sees no status of them: neither do this door's.
 */
import { Agent, createServer, type IncomingMessage, request as open, type ServerResponse } from 'node:http';
import { bucketCors, corsHeaders, preflight } from './bucket-cors.ts';
import { LOCAL_S3_PATH } from './config.ts';
import { type Keys, type Refusal, refusalOf } from './s3-signature.ts';

export type StorageDoor = {
  port: number;
  /** Ends it with whatever is under way. */
  close(): Promise<void>;
};

export type DoorOptions = {
  /** 0 takes any free one. */
  port: number;
  /** Where the Worker listens, now or later. */
  workerPort: number;
  /** What requests are signed with. */
  keys: Keys;
  /** Pages that may use the bucket beside those of start/deploy/r2-cors.json; `*` allows all. */
  origins: readonly string[];
};

/** What the bucket answers by itself, once the signature is good: only that carries CORS headers. */
const OF_THE_BUCKET = new Set([200, 204, 206, 304, 404, 412, 416]);

/** Opens the door on 127.0.0.1. */
export async function openStorageDoor({ port, workerPort, keys, origins }: DoorOptions): Promise<StorageDoor> {
  const agent = new Agent({ keepAlive: true });
  const rule = bucketCors(origins);
  const server = createServer((request, response) => {
    const { method = '', url = '', headers, rawHeaders } = request;
    const { origin } = headers;
    const wanted = headers['access-control-request-method'];
    if (!url.startsWith(`${LOCAL_S3_PATH}/`)) return void response.writeHead(404).end();
    if (method === 'OPTIONS' && origin !== undefined && wanted !== undefined) {
      const allowed = preflight(rule, origin, wanted, headers['access-control-request-headers'] ?? '');
      return void response.writeHead(allowed === null ? 403 : 204, allowed ?? {}).end();
    }
    const refusal = refusalOf({ method, url, rawHeaders }, keys, Date.now());
    if (refusal !== null) return refuse(request, response, refusal);
    passOn(request, response, { agent, port: workerPort }, corsHeaders(rule, origin, method));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the storage door has no port');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

/** Once the body is read: whoever still writes would find the connection closed instead of the answer. */
function refuse(request: IncomingMessage, response: ServerResponse, { code, message }: Refusal): void {
  request.once('end', () => {
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    response.writeHead(403, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  request.resume();
}

/** A connection that breaks on one side breaks on the other: this is what the two would see of each other. */
function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  to: { agent: Agent; port: number },
  cors: Record<string, string>,
): void {
  const { method, url } = request;
  const headers = without(/^origin$/i, request.rawHeaders);
  const onward = open({ ...to, host: '127.0.0.1', method, path: url, headers }, (answer) => {
    const { statusCode = 502 } = answer;
    const more = OF_THE_BUCKET.has(statusCode) ? Object.entries(cors).flat() : [];
    const named = new URL(url ?? '', 'http://door').searchParams.get('response-content-disposition');
    if (named !== null && (statusCode === 200 || statusCode === 206)) more.push('content-disposition', named);
    response.writeHead(statusCode, answer.statusMessage, [...without(/^access-control-/i, answer.rawHeaders), ...more]);
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  onward.once('error', () => response.destroy());
  response.once('close', () => onward.destroy());
  request.pipe(onward);
}

/** @param raw names and values in turns, as Node has them */
const without = (unwanted: RegExp, raw: string[]): string[] =>
  raw.filter((_, at) => !unwanted.test(raw[at - (at % 2)] ?? ''));

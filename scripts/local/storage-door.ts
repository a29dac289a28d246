/**
 * The local bucket for browsers. `wrangler dev` serves it over the S3 protocol, but answers no preflight, so a page on another origin
 * could not upload, and refuses foreign origins. This door stands before it on a port of its own, does CORS by the rule of the real
 * bucket, and passes the rest on as it is: `Host` too, since presigned URLs name this door and sign it.
 */
import { Agent, createServer, type IncomingMessage, request as open, type ServerResponse } from 'node:http';
import { bucketCors, corsHeaders, preflight } from './bucket-cors.ts';
import { LOCAL_S3_PATH } from './config.ts';

export type StorageDoor = {
  port: number;
  /** Ends it with whatever is under way. */
  close(): Promise<void>;
};

/**
 * Opens the door on 127.0.0.1.
 * @param port 0 takes any free one
 * @param workerPort where `wrangler dev` listens, now or later
 */
export async function openStorageDoor(port: number, workerPort: number): Promise<StorageDoor> {
  const agent = new Agent({ keepAlive: true });
  const rule = bucketCors();
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const { origin } = headers;
    const wanted = headers['access-control-request-method'];
    if (!url.startsWith(`${LOCAL_S3_PATH}/`)) return void response.writeHead(404).end();
    if (method === 'OPTIONS' && origin !== undefined && wanted !== undefined) {
      const allowed = preflight(rule, origin, wanted, headers['access-control-request-headers'] ?? '');
      return void response.writeHead(allowed === null ? 403 : 204, allowed ?? {}).end();
    }
    passOn(request, response, { agent, port: workerPort }, origin === undefined ? {} : corsHeaders(rule, origin));
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

/** A connection that breaks on one side breaks on the other: this is what the two would see of each other. */
function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  to: { agent: Agent; port: number },
  more: Record<string, string>,
): void {
  const { method, url } = request;
  const headers = without(/^origin$/i, request.rawHeaders);
  const onward = open({ ...to, host: '127.0.0.1', method, path: url, headers }, (answer) => {
    const answered = [...without(/^access-control-/i, answer.rawHeaders), ...Object.entries(more).flat()];
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answered);
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

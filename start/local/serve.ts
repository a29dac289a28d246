/** A server in this process that answers as a function of web requests does; on 127.0.0.1 only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type Served = { url: string; close(): void };

/**
 * @param answer whoever it throws to has lost the answer: the connection is cut. `at`: when the request came in
 * @param port any free one unless told
 */
export async function serve(
  answer: (request: Request, at: number) => Response | Promise<Response>,
  port = 0,
): Promise<Served> {
  const one = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const at = performance.now();
    try {
      const answered = await answer(await requestOf(incoming), at);
      const body = Buffer.from(await answered.arrayBuffer());
      outgoing.writeHead(answered.status, Object.fromEntries(answered.headers)).end(body);
    } catch {
      outgoing.destroy();
    }
  };
  const server = createServer((incoming, outgoing) => void one(incoming, outgoing));
  // The Worker reuses connections; one that we close at that moment would be a lost call of our own making.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const { method = 'GET', url = '/', headers } = incoming;
  const body = await buffer(incoming);
  const flat = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  const init = { method, headers: flat, ...(body.length > 0 ? { body: new Uint8Array(body) } : {}) };
  return new Request(new URL(url, `http://${headers.host ?? '127.0.0.1'}`), init);
}

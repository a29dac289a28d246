/** What stands outside: a GPU provider that keeps all it is sent, Turnstile, and an internal address that nobody may be led to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { DispatchMessage } from '../../../server/src/contract/gpu-message.ts';

export type Heard = { line: string; headers: IncomingMessage['headers']; body: string };
/** How the provider answers: takes the run, sends the caller elsewhere, or says a status. */
export type GpuMode =
  | 'accept'
  | 'redirect'
  | { status: number; body: string /** Answers no sooner. */; after?: Promise<void> };

export class FakeGpu {
  mode: GpuMode = 'accept';
  readonly heard: Heard[] = [];
  /** What reached the internal address. */
  readonly internal: Heard[] = [];
  readonly #servers: Server[] = [];
  readonly #waiting = new Set<() => void>();
  url = '';
  internalUrl = '';
  /** Verifies `good-…` tokens, each once; the names of troubles give trouble. */
  turnstileUrl = '';
  readonly #spent = new Set<string>();

  static async start(): Promise<FakeGpu> {
    const gpu = new FakeGpu();
    gpu.internalUrl = await gpu.#listen(async (request, response) => {
      gpu.internal.push(await read(request));
      response.end('internal');
    });
    gpu.url = await gpu.#listen(async (request, response) => {
      gpu.heard.push(await read(request));
      for (const wake of gpu.#waiting) wake();
      if (typeof gpu.mode === 'object') await gpu.mode.after;
      gpu.#answer(response);
    });
    gpu.turnstileUrl = await gpu.#listen(async (request, response) =>
      gpu.#verify((await read(request)).body, response),
    );
    return gpu;
  }

  /** The dispatch of a job, once it has come. */
  async dispatchOf(jobId: string, attempt = 1): Promise<DispatchMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<DispatchMessage>();
    const look = () => {
      const found = this.dispatches().find((message) => message.job_id === jobId && message.attempt === attempt);
      if (found !== undefined) resolve(found);
    };
    const timer = setTimeout(() => reject(new Error(`job ${jobId} was not dispatched within 30 s`)), 30_000);
    this.#waiting.add(look);
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }

  dispatches(): DispatchMessage[] {
    return this.heard.filter(({ line }) => line === 'POST /').map(({ body }) => JSON.parse(body) as DispatchMessage);
  }

  close(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  #answer(response: ServerResponse): void {
    if (this.mode === 'accept') response.end(JSON.stringify({ id: `run-${this.heard.length}`, status: 'IN_QUEUE' }));
    else if (this.mode === 'redirect') response.writeHead(302, { location: `${this.internalUrl}/metadata` }).end();
    else response.writeHead(this.mode.status).end(this.mode.body);
  }

  #verify(body: string, response: ServerResponse): void {
    const token = new URLSearchParams(body).get('response') ?? '';
    if (token === 'down') response.destroy();
    else if (token === 'redirect') response.writeHead(302, { location: `${this.internalUrl}/verify` }).end();
    else if (token === 'no-json') response.end('<html>');
    else if (token === 'no-verdict') response.end('{"success":"true"}');
    else {
      const success = token.startsWith('good-') && !this.#spent.has(token);
      this.#spent.add(token);
      response.end(JSON.stringify({ success, 'error-codes': success ? [] : ['invalid-input-response'] }));
    }
  }

  async #listen(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<string> {
    const server = createServer((request, response) => void handle(request, response));
    server.keepAliveTimeout = 120_000;
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('a fake server has no port');
    return `http://127.0.0.1:${address.port}`;
  }
}

async function read(request: IncomingMessage): Promise<Heard> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    line: `${request.method} ${request.url}`,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

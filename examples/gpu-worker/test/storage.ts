// A real HTTP server that stands where R2 and the callback endpoint stand. It is as strict as presigned URLs are: the content type of an
// upload is part of its URL, and any other is 403.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Callback {
  readonly key: string;
  readonly authorization: string;
  readonly body: Record<string, unknown>;
  readonly answered: number;
}

interface Stored {
  readonly bytes: Buffer;
  readonly type: string;
}

export class Storage {
  readonly objects = new Map<string, Stored>();
  readonly callbacks: Callback[] = [];
  /** method and path of every request, in order */
  readonly requests: string[] = [];
  /** answers to the next callbacks, in order; then 200 */
  readonly answers: { status: number; headers?: Record<string, string> }[] = [];
  /** paths of which a GET is held open until the client goes away */
  readonly held = new Set<string>();
  url = '';
  readonly #server = createServer((request, response) => void this.#handle(request, response));
  readonly #watchers = new Set<() => void>();

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  put(key: string, bytes: Uint8Array, type = 'image/jpeg'): void {
    this.objects.set(key, { bytes: Buffer.from(bytes), type });
  }

  bytes(key: string): Buffer {
    const found = this.objects.get(key);
    if (!found) throw new Error(`nothing stored under ${key}`);
    return found.bytes;
  }

  json(key: string): Record<string, unknown> {
    return JSON.parse(this.bytes(key).toString('utf8')) as Record<string, unknown>;
  }

  /** Resolves as soon as the test holds, which is looked at after every request. */
  until(test: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!test()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  signed(key: string, type?: string): string {
    return `${this.url}/objects/${key}?signature=SECRET${type ? `&type=${encodeURIComponent(type)}` : ''}`;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://storage');
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const key = decodeURIComponent(pathname.replace('/objects/', ''));
    this.requests.push(`${request.method} ${key}`);
    if (request.method === 'POST' && pathname === '/callback') this.#callback(request, response, body);
    else if (request.method === 'PUT') this.#store(request, response, key, body, searchParams.get('type'));
    else if (this.held.has(key)) response.writeHead(200).write('…');
    else this.#send(response, key);
    for (const look of [...this.#watchers]) look();
  }

  #callback(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const answer = this.answers.shift() ?? { status: 200 };
    this.callbacks.push({
      key: String(request.headers['idempotency-key']),
      authorization: String(request.headers.authorization),
      body: JSON.parse(body.toString('utf8')) as Record<string, unknown>,
      answered: answer.status,
    });
    const success = answer.status === 200;
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(
      JSON.stringify({ success, data: null, error: success ? null : { code: 'X', message: 'x' }, meta: {} }),
    );
  }

  #store(request: IncomingMessage, response: ServerResponse, key: string, bytes: Buffer, type: string | null): void {
    const sent = request.headers['content-type'] ?? '';
    if (type !== sent) return void response.writeHead(403).end();
    this.objects.set(key, { bytes, type: sent });
    response.writeHead(200).end();
  }

  #send(response: ServerResponse, key: string): void {
    const found = this.objects.get(key);
    if (!found) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': found.type }).end(found.bytes);
  }
}

/** Requests over connections that stay open, as plain as Node makes them: what the load generator costs is in every figure. */
import { Agent, request } from 'node:http';

export type Call = {
  url: string;
  method?: 'GET' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string;
};
export type Answer = { status: number; body: string };

export class Connections {
  readonly #agent: Agent;
  #closed = false;

  constructor(count: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: count, scheduling: 'fifo' });
  }

  /** Resolves when the whole answer is there; rejects when the connection fails. */
  send(call: Call, again = false): Promise<Answer> {
    const { url, method = 'GET', headers = {}, body } = call;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const all = body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(url, { method, headers: all, agent: this.#agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      answer.on('error', reject);
    });
    sent.on('error', (error) => {
      // The server ended an idle connection just when it was used again. More than one of these in a row is something else.
      const idle = sent.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      if (idle && !again && !this.#closed) resolve(this.send(call, true));
      else reject(error);
    });
    sent.end(body);
    return promise;
  }

  close(): void {
    this.#closed = true;
    this.#agent.destroy();
  }
}

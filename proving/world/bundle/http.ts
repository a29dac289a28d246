/**
 * The sender of all that goes over HTTP: any method, header and body, over node's own client, which forbids nothing that fetch does and
 * costs a load generator little.
 */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** A request that hangs is a success of the attacker. Milliseconds. */
const PATIENCE = 30_000;
/** Bytes of a body from which on a server may close the connection instead of reading it all. */
const CUT_OFF_FROM = 200_000;

export type Sent = {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** Sends the body in chunks, without saying how long it is. */
  chunked?: boolean;
};

export type Reply = {
  /** 0 when the connection was closed instead. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
  /** Code of the error, of tRPC or REST; of a batch, of its first error. */
  readonly code: string | null;
};

type HttpOptions = {
  /** Is told every reply, and to what. */
  heard?: (reply: Reply, url: string, sent: Sent) => void;
  /** Milliseconds after which a request hangs. */
  patience?: number;
  /** Connections at a time, which stay open. */
  sockets?: number;
};

export class Http {
  readonly #agent: Agent;
  readonly #heard: NonNullable<HttpOptions['heard']>;
  readonly #patience: number;
  #closed = false;

  constructor({ heard = () => {}, patience = PATIENCE, sockets = 64 }: HttpOptions = {}) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
    this.#heard = heard;
    this.#patience = patience;
  }

  /** A connection that the server closes at the moment that we reuse it says nothing of the request: it is sent again, once. */
  async send(url: string, sent: Sent = {}): Promise<Reply> {
    const reply = (await this.#try(url, sent, true)) ?? (await this.#try(url, sent, false));
    if (reply === null) throw new Error('a new connection was closed without an answer');
    this.#heard(reply, url, sent);
    return reply;
  }

  /** Null when a reused connection was closed before anything came back. @param again whether the caller tries again then */
  async #try(url: string, sent: Sent, again: boolean): Promise<Reply | null> {
    const { method = sent.body === undefined ? 'GET' : 'POST', headers = {}, body, chunked = false } = sent;
    const length = body === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const { promise, resolve, reject } = Promise.withResolvers<Reply | null>();
    const outgoing = request(
      url,
      { method, agent: again ? this.#agent : false, headers: { ...length, ...headers }, timeout: this.#patience },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve(replyOf(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks).toString('utf8'))),
        );
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Hung(`${method} ${url} hung for ${this.#patience / 1000} s`)));
    outgoing.on('error', (error) => {
      // Refused in the middle of what we sent: the connection may be closed before the answer is read.
      const cut = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      if (cut && body !== undefined && body.length > CUT_OFF_FROM) resolve(replyOf(0, {}, ''));
      else if (cut && again && outgoing.reusedSocket && !this.#closed) resolve(null);
      else reject(error);
    });
    outgoing.end(body);
    return promise;
  }

  close(): void {
    this.#closed = true;
    this.#agent.destroy();
  }
}

/** Nothing was answered in time. */
export class Hung extends Error {}

/** What is in the body is read when somebody asks for it: whoever only measures does not. */
export function replyOf(status: number, headers: IncomingHttpHeaders, body: string): Reply {
  return {
    status,
    get headers() {
      return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    },
    body,
    get json() {
      return jsonOf(body);
    },
    get code() {
      return codeOf(jsonOf(body));
    },
  };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What lies at a path of keys in a value that somebody else made. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

function codeOf(json: unknown): string | null {
  const one = Array.isArray(json) ? json.find((part) => at(part, 'error') !== undefined) : json;
  const code = at(one, 'error', 'json', 'data', 'errorCode') ?? at(one, 'error', 'code');
  return typeof code === 'string' ? code : null;
}

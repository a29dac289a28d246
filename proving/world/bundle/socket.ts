/** WebSockets byte by byte: any handshake, any frame, and what comes back. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Breach } from './breach.ts';
import { at, type Reply, replyOf } from './http.ts';

/** How long anything may take that should come. Milliseconds. */
const PATIENCE = Number(process.env.ATTACK_PATIENCE_MS ?? 10_000);

export type Opened = { reply: Reply; socket: RawSocket | null };

/** Asks for an upgrade. The socket is null when it was refused. */
export async function openSocket(port: number, path: string, headers: Record<string, string> = {}): Promise<Opened> {
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  const tcp = connect(port, '127.0.0.1');
  tcp.on('error', () => {});
  tcp.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const { head, rest } = await headOf(tcp);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
  if (status === 101) return { reply: replyOf(101, {}, ''), socket: new RawSocket(tcp, rest) };
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? rest.length);
  let body = rest;
  while (body.length < length) body = Buffer.concat([body, await nextChunk(tcp)]);
  tcp.destroy();
  const text = /transfer-encoding: chunked/i.test(head) ? unchunked(body.toString('utf8')) : body.toString('utf8');
  return { reply: replyOf(status, {}, text), socket: null };
}

const unchunked = (text: string): string => /^[0-9a-f]+\r\n([\s\S]*?)(\r\n|$)/i.exec(text)?.[1] ?? text;

async function headOf(tcp: Socket): Promise<{ head: string; rest: Buffer }> {
  let bytes: Buffer = Buffer.alloc(0);
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end >= 0) return { head: bytes.subarray(0, end).toString('latin1'), rest: bytes.subarray(end + 4) };
    bytes = Buffer.concat([bytes, await nextChunk(tcp)]);
  }
}

function nextChunk(tcp: Socket): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const timer = setTimeout(() => reject(new Error('the socket said nothing')), PATIENCE);
  const ended = () => reject(new Error('the socket was closed without an answer'));
  tcp.once('data', resolve);
  tcp.once('close', ended);
  return promise.finally(() => {
    clearTimeout(timer);
    tcp.off('data', resolve);
    tcp.off('close', ended);
  });
}

/** Opcodes of RFC 6455. */
const OPCODES = { more: 0, text: 1, binary: 2, close: 8 } as const;
export type FrameKind = keyof typeof OPCODES;

export class RawSocket {
  readonly #tcp: Socket;
  #bytes: Buffer;
  #wake: (() => void) | undefined;
  /** Text frames, in order. */
  readonly frames: string[] = [];
  /** Set once the other side has closed; 0 when it said no code. */
  closed: number | null = null;
  /** Whether the connection itself is gone. */
  cut = false;

  constructor(tcp: Socket, rest: Buffer) {
    this.#tcp = tcp;
    this.#bytes = rest;
    tcp.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#read();
    });
    tcp.on('close', () => {
      this.cut = true;
      this.closed ??= 0;
      this.#wake?.();
    });
    this.#read();
  }

  /** A frame as a client sends it: masked and the whole message, unless told otherwise. */
  send(payload: string | Uint8Array, kind: FrameKind = 'text', masked = true, last = true): void {
    const bytes = Buffer.from(payload);
    const mask = randomBytes(4);
    const extended = bytes.length < 126 ? Buffer.alloc(0) : bytes.length < 65_536 ? Buffer.alloc(2) : Buffer.alloc(8);
    if (extended.length === 2) extended.writeUInt16BE(bytes.length);
    if (extended.length === 8) extended.writeBigUInt64BE(BigInt(bytes.length));
    const length = extended.length === 0 ? bytes.length : extended.length === 2 ? 126 : 127;
    const head = Buffer.from([(last ? 0x80 : 0) | OPCODES[kind], (masked ? 0x80 : 0) | length]);
    const body = masked ? bytes.map((byte, n) => byte ^ (mask[n % 4] ?? 0)) : bytes;
    this.#tcp.write(Buffer.concat(masked ? [head, extended, mask, body] : [head, extended, body]));
  }

  /** Closes as RFC 6455 has it; the answer is awaited by whoever wants it. */
  close(code: number): void {
    this.send(Buffer.from([code >> 8, code & 0xff]), 'close');
  }

  sendJson(message: unknown): void {
    this.send(JSON.stringify(message));
  }

  /** Subscribes to a job and returns once something came of it. */
  subscribe(jobId: string, id: unknown = 1, more: Record<string, unknown> = {}): void {
    this.sendJson({ id, method: 'subscription', params: { path: 'jobs.watch', input: { json: { jobId } }, ...more } });
  }

  /** Waits until `enough` says so. Throws a {@link Breach} when it does not in time. */
  async until(what: string, enough: (socket: RawSocket) => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!enough(this)) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Breach(`${what}: not within ${PATIENCE / 1000} s; it said ${this.frames.join(' ')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Codes of the errors that came. */
  errorCodes(): unknown[] {
    return this.frames.flatMap((frame) => {
      const code = frame.startsWith('{') ? at(JSON.parse(frame), 'error', 'json', 'data', 'errorCode') : undefined;
      return code === undefined ? [] : [code];
    });
  }

  /** Waits until what was sent has left, or the connection is gone. */
  async drained(): Promise<void> {
    if (this.#tcp.destroyed || !this.#tcp.writableNeedDrain) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tcp.once('drain', resolve);
    this.#tcp.once('close', resolve);
    await promise;
  }

  end(): void {
    this.#tcp.destroy();
  }

  #read(): void {
    for (;;) {
      const bytes = this.#bytes;
      const short = (bytes[1] ?? 0) & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length < head) break;
      const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
      if (bytes.length < head + length) break;
      const payload = bytes.subarray(head, head + length);
      const opcode = (bytes[0] ?? 0) & 0x0f;
      if (opcode === OPCODES.text) this.frames.push(payload.toString('utf8'));
      if (opcode === OPCODES.close) this.closed = payload.length >= 2 ? payload.readUInt16BE(0) : 0;
      this.#bytes = bytes.subarray(head + length);
    }
    this.#wake?.();
  }
}

/**
 * The network between a page and the stack, in the hands of a test: it can be cut, and uploads can be held in their middle. One
 * address for the API, its WebSockets and the storage; `Host` passes through, since presigned URLs are signed for this address. The
 * GPU worker comes to it as well, and is not hindered.
 */
import { createServer, type IncomingMessage, request as open, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { LOCAL_S3_PATH } from '../../../../start/local/config.ts';

/** What became of the PUTs of one photo. */
export type Sent = {
  /** Bodies that left whole and were not refused: what the storage took, or may have. */
  whole: number;
  /** HTTP statuses that the browser was answered, in their order. */
  statuses: number[];
};

export class Network {
  /** PUTs by the photo's key. */
  readonly sent = new Map<string, Sent>();
  /** Paths of the API that were called. */
  readonly calls: string[] = [];
  /** Where API and storage door listen; set once they do. */
  ports = { api: 0, storage: 0 };
  readonly #server = createServer((request, response) => {
    if (this.#lets(request)) this.#pass(request, response);
  });
  /** The browser's. */
  readonly #sockets = new Set<Socket>();
  #down = false;
  /** Uploads that still pass before the others are held; null: all pass. */
  #passing: number | null = null;
  #held: { release(): void }[] = [];
  #onHeld = () => {};
  /** URLs of uploads that the storage refuses, how many of the next ones are to be such, and of how many the answer is to be lost. */
  readonly #dead = new Set<string>();
  #toDie = 0;
  #toLose = 0;

  async listen(): Promise<number> {
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      if (this.#lets(request)) this.#upgrade(request, socket, head);
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the network has no port');
    return address.port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** For the next visitor: nothing is cut, held or counted. */
  reset(): void {
    this.restore();
    this.releaseUploads();
    this.calls.length = 0;
    this.sent.clear();
    this.#dead.clear();
    this.#toDie = 0;
    this.#toLose = 0;
  }

  /** The URLs of the next `count` uploads come with another signature, however often: to the storage, their key was taken away. */
  killUrls(count: number): void {
    this.#toDie = count;
  }

  /** The next `count` uploads are taken, and the connection breaks before the browser hears of it. */
  loseAnswers(count: number): void {
    this.#toLose = count;
  }

  /** Breaks every connection of the browser's, and takes no new one. */
  cut(): void {
    this.#down = true;
    this.#held = [];
    for (const socket of this.#sockets) socket.destroy();
  }

  restore(): void {
    this.#down = false;
  }

  /** Lets `passing` uploads through, and holds the others in their middle. Resolves once `count` are held. */
  holdUploads(passing: number, count: number): Promise<void> {
    this.#passing = passing;
    return new Promise((resolve) => {
      this.#onHeld = () => this.#held.length >= count && resolve();
    });
  }

  /** Lets the held ones and all later ones through. */
  releaseUploads(): void {
    this.#passing = null;
    for (const { release } of this.#held.splice(0)) release();
  }

  #lets({ socket, headers }: IncomingMessage): boolean {
    if (!headers['user-agent']?.includes('Chrome')) return true;
    if (this.#down) socket.destroy();
    else this.#keep(socket);
    return !this.#down;
  }

  #keep(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket)).on('error', () => {});
  }

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '', rawHeaders } = request;
    const path = url.replace(/\?.*/, '');
    const toStorage = path.startsWith(LOCAL_S3_PATH);
    if (!toStorage) this.calls.push(`${method} ${path}`);
    const port = toStorage ? this.ports.storage : this.ports.api;
    const upload =
      method === 'PUT' && path.includes('/inputs/')
        ? this.#upload(path, Number(request.headers['content-length']))
        : null;
    const as = upload === null ? url : this.#urlOf(url);
    const onward = open({ host: '127.0.0.1', port, method, path: as, headers: rawHeaders }, (answer) => {
      if (upload !== null && this.#toLose > 0) {
        this.#toLose -= 1;
        return void response.destroy();
      }
      if (!response.destroyed) upload?.answered(answer.statusCode ?? 0);
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    onward.once('error', () => response.destroy());
    response.once('close', () => onward.destroy());
    if (upload === null) request.pipe(onward);
    else request.pipe(upload.body).pipe(onward);
  }

  #urlOf(url: string): string {
    if (this.#toDie > 0 && !this.#dead.has(url)) {
      this.#toDie -= 1;
      this.#dead.add(url);
    }
    if (!this.#dead.has(url)) return url;
    return url.replace(/(X-Amz-Signature=)(.)/, (_, name, first) => name + (first === '0' ? '1' : '0'));
  }

  /** Counts an upload, and stops it half-way while uploads are held. */
  #upload(path: string, length: number): { body: Transform; answered(status: number): void } {
    const key = path.slice(path.indexOf('/inputs/') + 1);
    const sent = this.sent.get(key) ?? { whole: 0, statuses: [] };
    this.sent.set(key, sent);
    const hold = this.#passing !== null && this.#passing <= 0;
    if (this.#passing !== null) this.#passing -= 1;
    let passed = 0;
    const body = new Transform({
      transform: (chunk: Buffer, _, next) => {
        const half = Math.floor(length / 2) - passed;
        passed += chunk.length;
        if (!hold || chunk.length < half || half < 0) return next(null, chunk);
        body.push(chunk.subarray(0, half));
        this.#held.push({ release: () => next(null, chunk.subarray(half)) });
        this.#onHeld();
      },
    });
    let ended = false;
    let refused = false;
    body.once('end', () => {
      ended = true;
      if (!refused) sent.whole += 1;
    });
    const answered = (status: number): void => {
      sent.statuses.push(status);
      refused = status >= 400 && status !== 412;
      if (refused && ended) sent.whole -= 1;
    };
    return { body, answered };
  }

  #upgrade({ url = '', rawHeaders }: IncomingMessage, socket: Socket, head: Buffer): void {
    const onward = connect(this.ports.api, '127.0.0.1');
    this.#keep(onward);
    const lines = rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
    onward.write(`GET ${url} HTTP/1.1\r\n${lines}\r\n`);
    onward.write(head);
    socket.pipe(onward).pipe(socket);
    socket.once('close', () => onward.destroy());
    onward.once('close', () => socket.destroy());
  }
}

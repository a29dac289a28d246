/** The platform's hibernating WebSockets as the lines of those who watch: what a line carries is kept in its socket's attachment. */
import { CLOSE } from './lines.ts';
import type { Attachment, Line } from './ports.ts';

/** Who was admitted, the moment from which his session is good, and the request to name in logs and errors. */
export type Admitted = { userId: string; sessionFrom: number; requestId: string };

/** Codes that stand for a close without one, and are never sent (RFC 6455, 7.4.1). */
const UNSENDABLE: ReadonlySet<number> = new Set([1004, 1005, 1006, 1015]);

/** The upgrade as the Worker's door passes it on: of the client's own request, nothing. */
export function upgradeOf({ userId, sessionFrom, requestId }: Admitted): Request {
  const admitted = { 'x-user-id': userId, 'x-session-from': `${sessionFrom}`, 'x-request-id': requestId };
  return new Request('https://job-coordinator/', { headers: { upgrade: 'websocket', ...admitted } });
}

/** @param headers of {@link upgradeOf} */
export const admittedOf = ({ headers }: Request): Admitted => ({
  userId: headers.get('x-user-id') ?? '',
  sessionFrom: Number(headers.get('x-session-from') ?? 0),
  requestId: headers.get('x-request-id') ?? '',
});

export class Sockets {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  lines(): Line[] {
    return this.#ctx.getWebSockets().map((socket) => this.lineOf(socket));
  }

  lineOf(socket: WebSocket): Line {
    return new SocketLine(socket, this.#ctx);
  }

  accept(attachment: Attachment, requestId: string): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    // Signs of life are answered without waking the object.
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('PING', 'PONG'));
    this.#ctx.acceptWebSocket(server, [requestId]);
    this.lineOf(server).keep(attachment);
    return new Response(null, { status: 101, webSocket: client });
  }
}

class SocketLine implements Line {
  readonly #socket: WebSocket;
  readonly #ctx: DurableObjectState;

  constructor(socket: WebSocket, ctx: DurableObjectState) {
    this.#socket = socket;
    this.#ctx = ctx;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get requestId(): string {
    return this.#ctx.getTags(this.#socket)[0] ?? '';
  }

  attachment(): Attachment {
    return this.#socket.deserializeAttachment() as Attachment;
  }

  keep(attachment: Attachment): void {
    this.#socket.serializeAttachment(attachment);
  }

  /** A socket whose peer has gone throws. Its client comes back with the id of the last event that it had. */
  send(frame: string): void {
    try {
      this.#socket.send(frame);
    } catch {
      // Others are told all the same.
    }
  }

  /** A code that cannot be sent is one that a peer made up. */
  close(code: number, reason: string): void {
    try {
      this.#socket.close(UNSENDABLE.has(code) ? CLOSE.done : code, reason);
    } catch {
      this.#socket.close(CLOSE.done);
    }
  }
}

// Reading a JSON body within a limit, and answering in JSON.

import type { IncomingMessage, ServerResponse } from 'node:http';

export const MOST_BODY_BYTES = 10 * 1024 * 1024;

/** An answer other than 200, thrown to end a request. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;
  constructor(status: number, code: string, message: string, field?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

const tooLarge = (): Problem => new Problem(413, 'PAYLOAD_TOO_LARGE', 'the body is larger than 10 MB');

export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw tooLarge();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MOST_BODY_BYTES) throw tooLarge();
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Problem(400, 'VALIDATION_ERROR', 'body: must be JSON', 'body');
  }
}

export function answer(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  // A body that was refused halfway leaves the connection in no state for another request.
  if (status === 413) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

export function answerProblem(response: ServerResponse, { status, code, message, field }: Problem): void {
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  answer(response, status, { error: { code, message, ...(field === undefined ? {} : { field }) } });
}

/** Reading a request's body with a limit, whatever its Content-Length says. */

/** Whether the protocol itself keeps the body within `limit` bytes: its length was announced, and nothing is read beyond that. */
function fitsAsAnnounced({ headers }: Request, limit: number): boolean {
  const announced = headers.get('content-length');
  return announced !== null && !headers.has('transfer-encoding') && Number(announced) <= limit;
}

/** The body as text; null when it has more than `limit` bytes. */
export function readBody(request: Request, limit: number): Promise<string | null> {
  // In one piece, which costs a fraction of reading chunk by chunk.
  return fitsAsAnnounced(request, limit) ? request.text() : readChunks(request, limit);
}

async function readChunks(request: Request, limit: number): Promise<string | null> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return null;
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.length;
    if (bytes > limit) return null;
    chunks.push(chunk);
  }
  return new Blob(chunks).text();
}

/** Reading a request's body with a limit, whatever its Content-Length says. */

/** The body as text; null when it has more than `limit` bytes. */
export async function readBody(request: Request, limit: number): Promise<string | null> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > limit) return null;
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

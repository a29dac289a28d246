/** HEAD: answered as GET is, without a body (RFC 9110, 9.3.2). */

/** The same request as GET. No socket is opened by HEAD. */
export function asGet(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.delete('upgrade');
  return new Request(request.url, { method: 'GET', headers });
}

export async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, response);
}

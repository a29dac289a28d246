/** Headers that every answer carries: the request's id, security headers, and CORS for the origins on the list. */

const SECURITY = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  // Nothing here is a page: no script, no frame, and no use for other sites' pages but through CORS.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};

/**
 * @param response made by this Worker: what an object answered is copied first, since its headers cannot be changed
 * @param allowed origins; `*` allows every one. Credentials are never allowed: tokens travel in a header.
 */
export function finish(response: Response, request: Request, requestId: string, allowed: string[]): Response {
  if (response.webSocket !== null) return response;
  const { headers } = response;
  headers.set('x-request-id', requestId);
  for (const [name, value] of Object.entries(SECURITY)) headers.set(name, value);
  const origin = request.headers.get('origin');
  if (origin !== null) {
    headers.append('vary', 'Origin');
    if (isAllowedOrigin(origin, allowed)) {
      headers.set('access-control-allow-origin', allowed.includes('*') ? '*' : origin);
      headers.set('access-control-expose-headers', 'x-request-id, retry-after');
    }
  }
  return response;
}

export const isAllowedOrigin = (origin: string, allowed: readonly string[]): boolean =>
  allowed.includes('*') || allowed.includes(origin);

/** The answer to a preflight. Whether the origin may go on is for {@link finish} to say. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
      'access-control-allow-headers':
        'authorization, content-type, content-encoding, trpc-accept, trpc-batch-mode, x-request-id, traceparent, tracestate',
      'access-control-max-age': '86400',
    },
  });
}

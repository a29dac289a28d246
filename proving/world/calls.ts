/** Calls as a client puts them on the wire: plain data, which each world sends with what it sends with. */

/** What a call of a procedure may add. `ip` is the address that Cloudflare would have seen. */
export type CallOptions = { token?: string | undefined; ip?: string; headers?: Record<string, string>; meta?: unknown };
/** `path` is below the address of the deployment. */
export type Call = { path: string; method: 'GET' | 'POST'; headers: Record<string, string>; body?: string };

export function queryOf(procedure: string, input?: unknown, options: CallOptions = {}): Call {
  const given = input === undefined ? '' : `?input=${encodeURIComponent(wire(input, options.meta))}`;
  return { path: `/trpc/${procedure}${given}`, method: 'GET', headers: headersOf(options) };
}

export function mutationOf(procedure: string, input?: unknown, options: CallOptions = {}): Call {
  const headers = { 'content-type': 'application/json', ...headersOf(options) };
  return { path: `/trpc/${procedure}`, method: 'POST', headers, body: wire(input, options.meta) };
}

/** superjson's wire form; plain JSON values need no meta. */
function wire(input: unknown, meta?: unknown): string {
  if (input === undefined) return '{}';
  return JSON.stringify(meta === undefined ? { json: input } : { json: input, meta });
}

function headersOf({ token, ip, headers }: CallOptions): Record<string, string> {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(ip === undefined ? {} : { 'cf-connecting-ip': ip }),
    ...headers,
  };
}

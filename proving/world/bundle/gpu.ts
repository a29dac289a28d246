/** What stands outside: a GPU provider that keeps all it is sent, Turnstile, and an internal address that nobody may be led to. */

import { type Served, serve } from '../../../start/local/serve.ts';
import { accepting, Provider, type Script } from '../gpu.ts';

export class Outside extends Provider {
  /** Every call of the provider, dispatches and others. */
  readonly heard: { headers: Record<string, string>; body: string }[] = [];
  /** What reached the internal address: method and path. */
  readonly internal: string[] = [];
  readonly #servers: Served[] = [];
  readonly #spent = new Set<string>();
  url = '';
  internalUrl = '';
  /** Verifies `good-…` tokens, each once; the names of troubles give trouble. */
  turnstileUrl = '';

  static async start(): Promise<Outside> {
    const outside = new Outside();
    outside.accept();
    outside.internalUrl = await outside.#open(async (request) => {
      outside.internal.push(`${request.method} ${new URL(request.url).pathname}`);
      return new Response('internal');
    });
    outside.url = await outside.#open(async (request, at) => {
      outside.heard.push({ headers: Object.fromEntries(request.headers), body: await request.clone().text() });
      return outside.answer(request, at);
    });
    outside.turnstileUrl = await outside.#open(async (request) => outside.#verify(await request.text()));
    return outside;
  }

  /** Every run is taken and waits. */
  accept(): void {
    const status: Script['status'] = (id) => Response.json({ id, status: 'IN_QUEUE' });
    this.script = { ...accepting(), status };
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  #verify(body: string): Response {
    const token = new URLSearchParams(body).get('response') ?? '';
    if (token === 'down') throw new Error('Turnstile is down');
    if (token === 'redirect') return redirectTo(`${this.internalUrl}/verify`);
    if (token === 'no-json') return new Response('<html>');
    if (token === 'no-verdict') return new Response('{"success":"true"}');
    const success = token.startsWith('good-') && !this.#spent.has(token);
    this.#spent.add(token);
    return Response.json({ success, 'error-codes': success ? [] : ['invalid-input-response'] });
  }

  async #open(answer: Parameters<typeof serve>[0]): Promise<string> {
    const served = await serve(answer);
    this.#servers.push(served);
    return served.url;
  }
}

export const redirectTo = (location: string): Response => new Response(null, { status: 302, headers: { location } });

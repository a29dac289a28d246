/**
 * What stands between the Worker and its GPU worker: passes everything on, but for what a test tells it. So real pictures are made, and yet
 * one photo fails, or the provider takes nothing for a while.
 */
import { type Served, serve } from '../../../../start/local/serve.ts';

export class Gate {
  /** Where a photo that is to fail is said to lie, by its position in the job. */
  #failing: number[] = [];
  #busy = false;
  #held: PromiseWithResolvers<void> | null = null;
  readonly #onto: string;
  #served: Served | null = null;
  /** Dispatches that were asked for, those that were refused among them. */
  dispatches = 0;

  private constructor(onto: string) {
    this.#onto = onto;
  }

  /** @param onto address of the GPU worker */
  static async open(onto: string): Promise<Gate> {
    const gate = new Gate(onto);
    gate.#served = await serve((request) => gate.#answer(request));
    return gate;
  }

  get url(): string {
    return this.#served?.url ?? '';
  }

  /** These photos of the jobs that come cannot be read, until {@link reset}. */
  fail(...indexes: number[]): void {
    this.#failing = indexes;
  }

  /** Every dispatch is answered with 429 until {@link reset}. */
  refuse(): void {
    this.#busy = true;
  }

  /** Dispatches wait until {@link reset}. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  reset(): void {
    this.#failing = [];
    this.#busy = false;
    this.#held?.resolve();
    this.#held = null;
  }

  close(): void {
    this.reset();
    this.#served?.close();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const isDispatch = request.method === 'POST' && !pathname.includes('/cancel/');
    if (isDispatch) this.dispatches += 1;
    if (isDispatch && this.#busy) return Response.json({ error: 'too many' }, { status: 429 });
    if (isDispatch) await this.#held?.promise;
    const body = request.method === 'GET' ? null : await request.text();
    return fetch(this.#onto + pathname + search, {
      method: request.method,
      headers: this.#headersOf(request),
      ...(body === null ? {} : { body: isDispatch ? this.#without(body) : body }),
    });
  }

  #headersOf({ headers }: Request): Headers {
    const own = new Headers(headers);
    for (const name of ['host', 'content-length', 'connection', 'transfer-encoding']) own.delete(name);
    return own;
  }

  #without(body: string): string {
    if (this.#failing.length === 0) return body;
    const message = JSON.parse(body) as { items: { idx: number; input_url: string }[] };
    for (const item of message.items) if (this.#failing.includes(item.idx)) item.input_url = `${this.#onto}/no-photo`;
    return JSON.stringify(message);
  }
}

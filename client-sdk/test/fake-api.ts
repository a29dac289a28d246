/**
 * The server as these tests need it: the contract's own schemas behind tRPC, jobs in memory, and storage that keeps what is PUT.
 * `faults` stand between it and the client. The real server is tested against the real client elsewhere.
 */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { fakeRouter } from './fake-router.ts';
import { FakeState } from './fake-state.ts';

/** What stands between client and server: an answer of its own, or undefined to let the request through. Throwing cuts the line. */
export type Fault = (request: Request) => Promise<Response | undefined> | Response | undefined;

export class FakeApi extends FakeState {
  faults: Fault[] = [];

  /** Use as the client's `fetch`. */
  readonly fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    init?.signal?.throwIfAborted();
    return this.handle(new Request(url, init as RequestInit));
  };

  async handle(request: Request): Promise<Response> {
    for (const fault of [...this.faults]) {
      const answer = await fault(request);
      if (answer !== undefined) return answer;
    }
    const url = new URL(request.url);
    if (url.pathname.startsWith('/storage/')) return this.#put(url, request);
    return fetchRequestHandler({
      endpoint: '/trpc',
      req: request,
      router: fakeRouter,
      createContext: () => ({ api: this, token: request.headers.get('authorization')?.replace('Bearer ', '') ?? null }),
    });
  }

  async #put(url: URL, request: Request): Promise<Response> {
    const key = url.pathname.slice('/storage/'.length);
    const bytes = (await request.arrayBuffer()).byteLength;
    this.log.push(`PUT ${key}`);
    if (!this.goodSignatures.has(url.searchParams.get('sig') ?? '')) return new Response('expired', { status: 403 });
    if (this.stored.has(key)) return new Response('exists', { status: 412 });
    this.stored.set(key, { type: request.headers.get('content-type'), bytes });
    return new Response(null, { status: 200 });
  }
}

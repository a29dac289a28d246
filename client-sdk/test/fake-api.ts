/**
 * The server as these tests need it: the contract's own schemas behind tRPC, jobs in memory, and storage that keeps what is PUT.
 * `faults` stand between it and the client. The real server is tested against the real client elsewhere.
 */
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import type * as contract from '../../server/src/contract/index.ts';
import { fakeRouter, refuse } from './fake-router.ts';

export type FakeJob = {
  jobId: string;
  preset: contract.PresetId;
  photos: contract.Photo[];
  status: contract.JobStatus;
  /** How often `jobs.get` was asked. */
  polls: number;
};
/** What stands between client and server: an answer of its own, or undefined to let the request through. Throwing cuts the line. */
export type Fault = (request: Request) => Promise<Response | undefined> | Response | undefined;

export class FakeApi {
  readonly base: string;
  readonly jobs = new Map<string, FakeJob>();
  /** Photos by `jobId/idx`. */
  readonly stored = new Map<string, { type: string | null; bytes: number }>();
  /** Paths of procedures in the order they ran, `PUT jobId/idx` among them. */
  readonly log: string[] = [];
  readonly inputs: { path: string; input: unknown }[] = [];
  readonly users = new Map<string, string>();
  readonly tokens = new Map<string, string>();
  /** Users by the key that their sessions were revoked under. */
  readonly revocations = new Map<string, string>();
  readonly expired = new Set<string>();
  faults: Fault[] = [];
  /** Called before a procedure runs; throw with `refuse`. */
  onCall: (path: string, input: unknown) => void = () => {};
  /** Results that have come by the nth `jobs.get`. */
  itemsAt: (polls: number, job: FakeJob) => contract.JobItem[] = (polls, job) =>
    job.photos.map((_, idx) =>
      idx < polls ? { idx, status: 'done', resultUrl: `r/${idx}` } : { idx, status: 'pending' },
    );
  onCanceled: () => void = () => {};
  tokenDays = 30;
  now = () => Date.now();
  #signatures = 0;
  #tokens = 0;
  readonly goodSignatures = new Set<string>();

  constructor(base = 'http://fake') {
    this.base = base;
  }

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

  sign(jobId: string, idx: number): contract.Upload {
    this.#signatures += 1;
    const signature = String(this.#signatures);
    this.goodSignatures.add(signature);
    const photo = this.jobs.get(jobId)!.photos[idx]!;
    return {
      idx,
      url: `${this.base}/storage/${jobId}/${idx}?sig=${signature}`,
      headers: { 'content-type': photo.contentType, 'content-length': String(photo.bytes), 'if-none-match': '*' },
      expiresAt: new Date(this.now() + 15 * 60_000),
    };
  }

  issue(userId: string): contract.Session {
    this.#tokens += 1;
    const token = `token-${this.#tokens}`;
    this.tokens.set(token, userId);
    return { userId, token, expiresAt: new Date(this.now() + this.tokenDays * 24 * 3600_000) };
  }

  job(jobId: string): FakeJob {
    return this.jobs.get(jobId) ?? refuse('JOB_NOT_FOUND');
  }

  view(job: FakeJob): contract.JobView {
    const items = this.itemsAt(job.polls, job);
    const done = items.filter(({ status }) => status === 'done').length;
    const failed = items.filter(({ status }) => status === 'failed').length;
    if (job.status === 'running' && done + failed === items.length) job.status = done > 0 ? 'done' : 'failed';
    const live = job.status === 'running';
    return {
      jobId: job.jobId,
      status: job.status,
      preset: job.preset,
      progress: { done, failed, total: items.length },
      items,
      createdAt: new Date(0),
      deadline: live ? new Date(1) : null,
      keptUntil: live ? null : new Date(2),
      error: null,
      charged: live ? null : done,
      ticket: 'ticket',
    };
  }
}

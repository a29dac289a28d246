/** The service as bench and cost call it: plain HTTP with the bodies that the client sends, and jobs at each stage of their life. */
import type { JobRef } from '../../server/src/domain/keys.ts';
import type { Production } from '../../start/local/production.ts';
import type { User } from '../world/bundle/answers.ts';
import { Deployment } from '../world/bundle/deployment.ts';
import { at, type Reply, type Sent } from '../world/bundle/http.ts';
import { overHttp } from '../world/bundle/jobs.ts';
import { mutationOf, queryOf } from '../world/calls.ts';
import { bodyOf, doneItem, type Provider } from '../world/gpu.ts';
import { type Job as AnyJob, Jobs, type Put } from '../world/jobs.ts';

export const CHOICE = { concepts: { Floor: { action: 'recolor', value: 'oak' } }, protect: ['Grout'] };
/** A bench photo: what lies in R2 has no influence on the Worker, so it is small. */
export const PHOTO = Buffer.from('abcd');
export const photosInput = (count: number) => ({
  preset: 'interior',
  photos: Array.from({ length: count }, () => ({ contentType: 'image/jpeg', bytes: PHOTO.length })),
});

export type Account = User;
export type Job = AnyJob;
/** A request that is made before it is timed. */
export type Call = Sent & { url: string };

export class Api extends Deployment {
  readonly production: Production;
  /** What was sent through this, and came back: requests, and bytes of bodies as the service sees them. */
  readonly traffic = { requests: 0, bytesIn: 0, bytesOut: 0 };
  readonly jobs: Jobs<Account, Reply>;

  constructor(production: Production, gpu: Provider) {
    super(production.url, production.vars.ADMIN_SECRET, 16);
    this.production = production;
    const put = (objects: Put[]) =>
      this.putAll(objects.map(({ key, headers, body }) => [key, headers['content-type'] ?? '', body]));
    this.jobs = new Jobs({ ...overHttp(this, gpu), put }, PHOTO, CHOICE);
  }

  /** Objects as the client and the GPU worker would put them: past the Worker, so nothing of it is counted. */
  async putAll(objects: readonly [key: string, contentType: string, body: Uint8Array][]): Promise<void> {
    const r2 = await this.production.mf.getR2Bucket('R2');
    for (const [key, contentType, body] of objects) await r2.put(key, body, { httpMetadata: { contentType } });
  }

  /** Nothing is refused here: what failed fast would look like speed. */
  protected override heard({ status, body }: Reply, url: string, sent: Sent): void {
    this.traffic.requests++;
    this.traffic.bytesIn += Buffer.byteLength(sent.body ?? '');
    this.traffic.bytesOut += Buffer.byteLength(body);
    if (status !== 200) throw new Error(`${url} answered ${status}: ${body.slice(0, 300)}`);
  }

  queryCall(procedure: string, input: unknown, token?: string): Call {
    const { path, ...call } = queryOf(procedure, input, { token });
    return { url: `${this.url}${path}`, ...call };
  }

  mutationCall(procedure: string, input: unknown, token?: string): Call {
    const { path, ...call } = mutationOf(procedure, input, { token });
    return { url: `${this.url}${path}`, ...call };
  }

  callbackCall(job: JobRef, token: string, indexes: readonly number[], attempt = 1): Call {
    const keyed = (idx: number) => ({
      ...doneItem(job, idx, attempt),
      idempotency_key: `${job.jobId}:${attempt}:${idx}`,
    });
    return {
      url: `${this.url}/jobs/${job.jobId}/callback`,
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(bodyOf(indexes.map(keyed))),
    };
  }

  /** The data of a tRPC answer. */
  async ask<T>(call: Call): Promise<T> {
    return at((await this.send(call.url, call)).json, 'result', 'data', 'json') as T;
  }

  /** So many jobs of one pro user on the same photos, ready to execute; three are the most at a time. */
  async onSamePhotos(photos: number, jobs = 3): Promise<Job[]> {
    const account = await this.signUpPro();
    const first = await this.jobs.at('uploaded', account, photos);
    const ready = [first];
    const from = { from: { jobId: first.jobId } };
    while (ready.length < jobs) ready.push(await this.jobs.at('created', account, photos, from));
    return ready;
  }

  /** An account on the pro plan with enough credits for anything. */
  override signUpPro(credits = 1_000_000): Promise<Account> {
    return super.signUpPro(credits);
  }
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

/** The service as bench and cost call it: plain HTTP with the bodies that the client sends, and jobs at each stage of their life. */

import { inputKey, type JobRef, outputKey, previewKey } from '../../server/src/domain/keys.ts';
import type { Production } from '../../start/local/production.ts';
import { type Answer, type Call, Connections } from './speed/http.ts';

export const CHOICE = { concepts: { Floor: { action: 'recolor', value: 'oak' } }, protect: ['Grout'] };
/** Bytes of a bench photo: what lies in R2 has no influence on the Worker, so it is small. */
const PHOTO = { contentType: 'image/jpeg', bytes: 4 };
/** A result of the size from which on its type is enough to tell that it is one. */
export const PICTURE = new Uint8Array(1024);
export const photosInput = (count: number) => ({
  preset: 'interior',
  photos: Array.from({ length: count }, () => PHOTO),
});

export type Account = { userId: string; token: string };
export type Job = JobRef & { photos: number; account: Account };

export class Api {
  readonly production: Production;
  readonly #connections = new Connections(16);
  /** What was sent through this, and came back: requests, and bytes of bodies as the service sees them. */
  readonly traffic = { requests: 0, bytesIn: 0, bytesOut: 0 };

  constructor(production: Production) {
    this.production = production;
  }

  query(path: string, input: unknown, token?: string): Call {
    const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;
    return { url: `${this.production.url}/trpc/${path}${search}`, headers: bearer(token) };
  }

  mutation(path: string, input: unknown, token?: string): Call {
    const headers = { ...bearer(token), 'content-type': 'application/json' };
    return {
      url: `${this.production.url}/trpc/${path}`,
      method: 'POST',
      headers,
      body: JSON.stringify({ json: input }),
    };
  }

  callback(job: JobRef, token: string, indexes: readonly number[]): Call {
    const results = indexes.map((idx) => ({
      idx,
      status: 'done',
      output_key: outputKey(job, idx),
      preview_key: previewKey(job, idx),
      attempt: 1,
      idempotency_key: `${job.jobId}:1:${idx}`,
    }));
    return {
      url: `${this.production.url}/jobs/${job.jobId}/callback`,
      method: 'POST',
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: JSON.stringify(results.length === 1 ? results[0] : { items: results }),
    };
  }

  /** Sends it and throws on anything but 200. */
  async send(call: Call): Promise<Answer> {
    const answer = await this.#connections.send(call);
    this.traffic.requests++;
    this.traffic.bytesIn += Buffer.byteLength(call.body ?? '');
    this.traffic.bytesOut += Buffer.byteLength(answer.body);
    if (answer.status !== 200) throw new Error(`${call.url} answered ${answer.status}: ${answer.body.slice(0, 300)}`);
    return answer;
  }

  /** The data of a tRPC answer. */
  async ask<T>(call: Call): Promise<T> {
    return JSON.parse((await this.send(call)).body).result.data.json;
  }

  /** A user whose account is open: a key that does not tell its age opens it at once. */
  signUp(): Promise<Account> {
    return this.ask<Account>(this.mutation('auth.anon', { idempotencyKey: crypto.randomUUID() }));
  }

  /** An account on the pro plan with enough credits for anything. */
  async signUpPro(credits = 1_000_000): Promise<Account> {
    const account = await this.signUp();
    const { userId } = account;
    const admin = this.production.vars.ADMIN_SECRET;
    await this.send(this.mutation('admin.setPlan', { userId, plan: 'pro' }, admin));
    const grant = { userId, amount: credits, reason: 'bench', idempotencyKey: crypto.randomUUID() };
    await this.send(this.mutation('admin.grantCredits', grant, admin));
    return account;
  }

  async create(account: Account, input: object, photos: number): Promise<Job> {
    const { jobId } = await this.ask<{ jobId: string }>(this.mutation('jobs.create', input, account.token));
    return { userId: account.userId, jobId, photos, account };
  }

  /** A job whose photos lie in R2, confirmed. */
  async upload(account: Account, photos: number): Promise<Job> {
    const job = await this.create(account, photosInput(photos), photos);
    const r2 = await this.production.mf.getR2Bucket('R2');
    const httpMetadata = { contentType: PHOTO.contentType };
    for (let idx = 0; idx < photos; idx++) await r2.put(inputKey(job, idx), 'abcd', { httpMetadata });
    await this.send(this.mutation('jobs.confirmUpload', { jobId: job.jobId }, account.token));
    return job;
  }

  execute(job: Job): Promise<unknown> {
    return this.send(this.mutation('jobs.execute', { jobId: job.jobId, ...CHOICE }, job.account.token));
  }

  /** Puts what a GPU worker would: results and previews. */
  async putResults(job: JobRef, indexes: readonly number[]): Promise<void> {
    const r2 = await this.production.mf.getR2Bucket('R2');
    for (const idx of indexes) {
      await r2.put(outputKey(job, idx), PICTURE, { httpMetadata: { contentType: 'image/png' } });
      await r2.put(previewKey(job, idx), 'jpg', { httpMetadata: { contentType: 'image/jpeg' } });
    }
  }

  close(): void {
    this.#connections.close();
  }
}

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

/** The service as bench and cost call it: plain HTTP with the bodies that the client sends, and jobs at each stage of their life. */
import type { JobRef } from '../../server/src/domain/keys.ts';
import type { Production } from '../../start/local/production.ts';
import { mutationOf, queryOf } from '../world/calls.ts';
import { bodyOf, doneItem, type Provider } from '../world/gpu.ts';
import { type Job as AnyJob, type Backend, Jobs, type Owner } from '../world/jobs.ts';
import { type Answer, type Call, Connections } from './speed/http.ts';

export const CHOICE = { concepts: { Floor: { action: 'recolor', value: 'oak' } }, protect: ['Grout'] };
/** A bench photo: what lies in R2 has no influence on the Worker, so it is small. */
const PHOTO = Buffer.from('abcd');
export const photosInput = (count: number) => ({
  preset: 'interior',
  photos: Array.from({ length: count }, () => ({ contentType: 'image/jpeg', bytes: PHOTO.length })),
});

export type Account = Owner;
export type Job = AnyJob;

export class Api {
  readonly production: Production;
  readonly #connections = new Connections(16);
  /** What was sent through this, and came back: requests, and bytes of bodies as the service sees them. */
  readonly traffic = { requests: 0, bytesIn: 0, bytesOut: 0 };

  readonly jobs: Jobs<Account, Answer>;

  constructor(production: Production, gpu: Provider) {
    this.production = production;
    this.jobs = new Jobs(this.#backend(gpu), PHOTO, CHOICE);
  }

  #backend(gpu: Provider): Backend<Account, Answer> {
    return {
      call: ({ token }, procedure, input) => this.ask(this.mutation(procedure, input, token)),
      // Past the Worker, so nothing of it is counted.
      put: async (objects) => {
        const r2 = await this.production.mf.getR2Bucket('R2');
        for (const { key, headers, body } of objects) {
          await r2.put(key, body, { httpMetadata: { contentType: headers['content-type'] ?? '' } });
        }
      },
      dispatched: async (jobId) => (await gpu.dispatchOf(jobId)).message,
      callback: (jobId, body, headers) =>
        this.send({
          url: `${this.production.url}/jobs/${jobId}/callback`,
          method: 'POST',
          headers,
          body: String(body),
        }),
    };
  }

  query(procedure: string, input: unknown, token?: string): Call {
    return this.#at(queryOf(procedure, input, { token }));
  }

  mutation(procedure: string, input: unknown, token?: string): Call {
    return this.#at(mutationOf(procedure, input, { token }));
  }

  #at({ path, ...call }: ReturnType<typeof queryOf>): Call {
    return { url: `${this.production.url}${path}`, ...call };
  }

  callback(job: JobRef, token: string, indexes: readonly number[]): Call {
    const keyed = (idx: number) => ({ ...doneItem(job, idx), idempotency_key: `${job.jobId}:1:${idx}` });
    return {
      url: `${this.production.url}/jobs/${job.jobId}/callback`,
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(bodyOf(indexes.map(keyed))),
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

  close(): void {
    this.#connections.close();
  }
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

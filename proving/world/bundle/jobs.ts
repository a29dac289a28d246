/** Jobs of the production bundle, made over HTTP; what nobody else may see of them is kept as a secret. */
import type { DispatchMessage } from '../../../server/src/contract/gpu-message.ts';
import type { Production } from '../../../start/local/production.ts';
import type { CallOptions } from '../calls.ts';
import { type Job as AnyJob, type Running as AnyRunning, type Backend, Jobs, type Put, type Upload } from '../jobs.ts';
import { data, text, type User } from './answers.ts';
import { must } from './breach.ts';
import type { Outside } from './gpu.ts';
import { at, type Reply, type Sent } from './http.ts';
import { type Signing, signWebhook } from './webhook.ts';

export type { Upload } from '../jobs.ts';
export type Job = AnyJob<User>;
export type Running = AnyRunning<User>;

/** What stands for a photo: the first bytes of a JPEG, and the length that was announced. */
export const PHOTO = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 28 }, (_, n) => n)]);
/** The victim's, of the same type and length: other bytes, so that it shows whose they are. */
export const VICTIMS_PHOTO = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 28 }, (_, n) => 255 - n)]);
export const CHOICE = { concepts: { Wall: { action: 'recolor', value: 'sage' } } };

/** What making a job takes of its world. */
type Deployment = {
  readonly production: Production;
  readonly gpu: Outside;
  send(url: string, sent?: Sent): Promise<Reply>;
  mutate(path: string, input?: unknown, options?: CallOptions): Promise<Reply>;
  watch(userId: string, jobId?: string): void;
  keepSecret(what: string, value: string): void;
};

export class BundleJobs extends Jobs<User, Reply> {
  constructor(world: Deployment) {
    super(new OverHttp(world), PHOTO, CHOICE);
  }

  created = (owner: User, photos?: number): Promise<Job> => this.at('created', owner, photos);
  uploaded = (owner: User, photos?: number, photo: Uint8Array = PHOTO): Promise<Job> =>
    this.at('uploaded', owner, photos, { photo });
  running = (owner: User, photos?: number, photo: Uint8Array = PHOTO): Promise<Running> =>
    this.at('running', owner, photos, { photo });
  done = (owner: User, photos?: number, photo: Uint8Array = PHOTO): Promise<Running> =>
    this.at('done', owner, photos, { photo });

  /** A callback signed as Standard Webhooks say. */
  reportSigned(jobId: string, body: string, signed: Signing): Promise<Reply> {
    return this.report({ jobId }, body, signWebhook(body, signed));
  }
}

class OverHttp implements Backend<User, Reply> {
  readonly #world: Deployment;

  constructor(world: Deployment) {
    this.#world = world;
  }

  async call({ userId, token }: User, procedure: string, input: unknown): Promise<unknown> {
    const made = data(await this.#world.mutate(procedure, input, { token }));
    if (procedure === 'jobs.create') this.#world.watch(userId, text(made, 'jobId'));
    for (const { url } of (at(made, 'uploads') ?? []) as Upload[]) this.#keepSignature(url);
    return made;
  }

  async put(objects: Put[]): Promise<void> {
    for (const { url, headers, body } of objects) {
      const { status } = await this.#world.send(url, { method: 'PUT', headers: unsized(headers), body });
      must(status === 200, `an upload answered ${status}`);
    }
  }

  async dispatched(jobId: string): Promise<DispatchMessage> {
    const { message } = await this.#world.gpu.dispatchOf(jobId);
    this.#world.keepSecret('a callback token', message.callback_token);
    this.#world.keepSecret('a callback secret', message.callback_secret);
    for (const { output_url } of message.items) this.#keepSignature(output_url);
    await this.#untilSent(jobId);
    return message;
  }

  callback(jobId: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Reply> {
    const typed = { 'content-type': 'application/json', ...headers };
    return this.#world.send(`/jobs/${jobId}/callback`, { method: 'POST', headers: typed, body });
  }

  #keepSignature(url: string): void {
    this.#world.keepSecret('the signature of a presigned URL', signatureOf(url));
  }

  /** The consumer notes the provider's answer after the provider has given it. */
  async #untilSent(jobId: string): Promise<void> {
    const storage = await this.#world.production.objectStorage('JOB_COORDINATOR', { id: jobId });
    for (let tries = 0; tries < 200; tries++) {
      const state = JSON.parse(String((await storage.exec('SELECT state FROM job'))[0]?.state)) as { dispatch: string };
      if (state.dispatch === 'sent') return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the dispatch of job ${jobId} was never confirmed`);
  }
}

export const signatureOf = (url: string): string => new URL(url).searchParams.get('X-Amz-Signature') ?? url;

/** Without the length, which the client's own request says. */
export function unsized(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-length'));
}

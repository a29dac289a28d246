/** Jobs in every state, made the way a client and a GPU worker make them. */
import type { DispatchMessage } from '../../../server/src/contract/gpu-message.ts';
import { must } from '../../attacks/attack.ts';
import { at, type Reply } from './http.ts';
import { signWebhook } from './webhook.ts';
import { data, text, type User, type World } from './world.ts';

export type Upload = { idx: number; url: string; headers: Record<string, string> };
export type Job = { owner: User; jobId: string; photos: number; uploads: Upload[] };
/** A job that the provider has: `token` is good for its callback. */
export type Running = Job & { message: DispatchMessage; token: string };

/** What stands for a photo: the first bytes of a JPEG, and the length that was announced. */
export const PHOTO = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 28 }, (_, n) => n)]);
/** The victim's, of the same type and length: other bytes, so that it shows whose they are. */
export const VICTIMS_PHOTO = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 28 }, (_, n) => 255 - n)]);
/** What stands for a result: the first bytes of a PNG. */
export const PICTURE = Buffer.from('\x89PNG\r\n\x1a\na result', 'latin1');
export const CHOICE = { concepts: { Wall: { action: 'recolor', value: 'sage' } } };

export class Jobs {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async created(owner: User, photos = 2): Promise<Job> {
    const photo = { contentType: 'image/jpeg', bytes: PHOTO.length };
    const input = { preset: 'interior', photos: Array.from({ length: photos }, () => photo) };
    const made = data(await this.#world.mutate('jobs.create', input, { token: owner.token }));
    const jobId = text(made, 'jobId');
    this.#world.watch(owner.userId, jobId);
    const uploads = at(made, 'uploads') as Upload[];
    for (const { url } of uploads) this.#world.keepSecret('the signature of a presigned URL', signatureOf(url));
    return { owner, jobId, photos, uploads };
  }

  async uploaded(owner: User, photos = 2, photo = PHOTO): Promise<Job> {
    const job = await this.created(owner, photos);
    for (const { url, headers } of job.uploads) {
      const { status } = await this.#world.send(url, { method: 'PUT', headers: unsized(headers), body: photo });
      must(status === 200, `an upload answered ${status}`);
    }
    data(await this.#world.mutate('jobs.confirmUpload', { jobId: job.jobId }, { token: owner.token }));
    return job;
  }

  /** Queued, and taken by the provider: the dispatch has come. */
  async running(owner: User, photos = 2, photo = PHOTO): Promise<Running> {
    const job = await this.uploaded(owner, photos, photo);
    return this.execute(job);
  }

  /** @param more what is asked for besides */
  async execute(job: Job, more: { format?: string } = {}): Promise<Running> {
    const { owner, jobId } = job;
    const world = this.#world;
    data(await world.mutate('jobs.execute', { jobId, ...CHOICE, ...more }, { token: owner.token }));
    const message = await world.gpu.dispatchOf(jobId);
    world.keepSecret('a callback token', message.callback_token);
    world.keepSecret('a callback secret', message.callback_secret);
    for (const { output_url } of message.items) {
      world.keepSecret('the signature of a presigned URL', signatureOf(output_url));
    }
    await this.#untilSent(job);
    return { ...job, message, token: message.callback_token };
  }

  /** Every photo done, its result in storage, settled and written to D1. */
  async done(owner: User, photos = 2, photo = PHOTO): Promise<Running> {
    const job = await this.running(owner, photos, photo);
    for (const item of job.message.items) await this.putResult(job, item.idx);
    const items = job.message.items.map(({ idx, output_key }) => ({ idx, status: 'done', output_key, attempt: 1 }));
    const reply = await this.report(job, { items });
    must(reply.status === 200, `a callback answered ${reply.status}: ${reply.body}`);
    return job;
  }

  /** What a GPU worker does when a photo is ready. */
  async putResult(job: Running, idx: number): Promise<void> {
    const item = job.message.items.find((one) => one.idx === idx);
    must(item !== undefined, `the dispatch has no photo ${idx}`);
    // A release from before there was a choice names none.
    const headers = { 'content-type': job.message.output_type ?? 'image/png' };
    const { status } = await this.#world.send(item.output_url, { method: 'PUT', headers, body: PICTURE });
    must(status === 200, `a result's upload answered ${status}`);
  }

  /** A callback with the job's own token, or whatever `headers` say instead. */
  report(job: { jobId: string; token?: string }, body: unknown, headers?: Record<string, string>): Promise<Reply> {
    const credentials = headers ?? { authorization: `Bearer ${job.token ?? ''}` };
    return this.#world.send(`/jobs/${job.jobId}/callback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...credentials },
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
  }

  /** A callback signed as Standard Webhooks say. */
  reportSigned(jobId: string, body: string, signed: Parameters<typeof signWebhook>[1]): Promise<Reply> {
    return this.report({ jobId }, body, signWebhook(body, signed));
  }

  /** The consumer notes the provider's answer after the provider has given it. */
  async #untilSent(job: Job): Promise<void> {
    const storage = await this.#world.production.objectStorage('JOB_COORDINATOR', { id: job.jobId });
    for (let tries = 0; tries < 200; tries++) {
      const state = JSON.parse(String((await storage.exec('SELECT state FROM job'))[0]?.state)) as { dispatch: string };
      if (state.dispatch === 'sent') return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the dispatch of job ${job.jobId} was never confirmed`);
  }
}

export const signatureOf = (url: string): string => new URL(url).searchParams.get('X-Amz-Signature') ?? url;

/** Without the length, which the client's own request says. */
export function unsized(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-length'));
}

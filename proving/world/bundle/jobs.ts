/** Jobs of the production bundle, made over HTTP; what nobody else may see of them is kept as a secret. */
import type { Production } from '../../../start/local/production.ts';
import { until } from '../clock.ts';
import type { Provider } from '../gpu.ts';
import { type Job as AnyJob, type Running as AnyRunning, type Backend, Jobs, type Upload } from '../jobs.ts';
import { data, text, type User } from './answers.ts';
import { must } from './breach.ts';
import type { Deployment } from './deployment.ts';
import { at, type Reply } from './http.ts';
import { type Signing, signWebhook } from './webhook.ts';

export type { Upload } from '../jobs.ts';
export type Job = AnyJob<User>;
export type Running = AnyRunning<User>;

/** What stands for a photo: the first bytes of a JPEG, and the length that was announced. */
export const PHOTO = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 28 }, (_, n) => n)]);
/** The victim's, of the same type and length: other bytes, so that it shows whose they are. */
export const VICTIMS_PHOTO = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array.from({ length: 28 }, (_, n) => 255 - n)]);
export const CHOICE = { concepts: { Wall: { action: 'recolor', value: 'sage' } } };

/** By the API and the signed URLs, and nothing else. */
export const overHttp = (service: Deployment, gpu: Provider): Backend<User, Reply> => ({
  call: async ({ token }, procedure, input) => data(await service.mutate(procedure, input, { token })),
  put: async (objects) => {
    for (const { url, headers, body } of objects) {
      const { status } = await service.send(url, { method: 'PUT', headers: unsized(headers), body });
      must(status === 200, `an upload answered ${status}`);
    }
  },
  dispatched: async (jobId) => (await gpu.dispatchOf(jobId)).message,
  callback: (jobId, body, headers) => {
    const typed = { 'content-type': 'application/json', ...headers };
    return service.send(`/jobs/${jobId}/callback`, { method: 'POST', headers: typed, body });
  },
});

/** What keeping of a job takes of its world. */
type KeptDeployment = Deployment & {
  readonly production: Production;
  readonly gpu: Provider;
  watch(userId: string, jobId?: string): void;
  keepSecret(what: string, value: string): void;
};

export class BundleJobs extends Jobs<User, Reply> {
  constructor(world: KeptDeployment) {
    super(kept(world), PHOTO, CHOICE);
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

/** The same; what is signed, and the credentials of a callback, are noted as secrets of the world. */
function kept(world: KeptDeployment): Backend<User, Reply> {
  const plain = overHttp(world, world.gpu);
  const keepSignature = (url: string) => world.keepSecret('the signature of a presigned URL', signatureOf(url));
  return {
    ...plain,
    call: async (user, procedure, input) => {
      const made = await plain.call(user, procedure, input);
      if (procedure === 'jobs.create') world.watch(user.userId, text(made, 'jobId'));
      for (const { url } of (at(made, 'uploads') ?? []) as Upload[]) keepSignature(url);
      return made;
    },
    dispatched: async (jobId) => {
      const message = await plain.dispatched(jobId);
      world.keepSecret('a callback token', message.callback_token);
      world.keepSecret('a callback secret', message.callback_secret);
      for (const { output_url } of message.items) keepSignature(output_url);
      await untilDispatch(world.production, jobId, 'sent');
      return message;
    },
  };
}

/** Until the job's object has noted what came of a run, which the consumer tells it after the provider's answer. */
export async function untilDispatch(
  production: Production,
  jobId: string,
  wanted: 'sent' | 'none',
  attempt = 1,
): Promise<void> {
  const storage = await production.objectStorage('JOB_COORDINATOR', { id: jobId });
  type State = { runs: { attempt: number; stage: string; refusals: number }[] };
  const isSo = async () => {
    const { runs } = JSON.parse(String((await storage.exec('SELECT state FROM job'))[0]?.state)) as State;
    const run = runs.find((one) => one.attempt === attempt);
    return run?.stage === wanted && (wanted === 'sent' || run.refusals > 0);
  };
  await until(isSo, `run ${attempt} of job ${jobId} to be ${wanted}`);
}

export const signatureOf = (url: string): string => new URL(url).searchParams.get('X-Amz-Signature') ?? url;

/** Without the length, which the client's own request says. */
export function unsized(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-length'));
}

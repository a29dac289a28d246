/** Jobs at each stage of their life, made through the API as a user would. */
import { env } from 'cloudflare:workers';
import { getUntypedClient } from '@trpc/client';
import { vi } from 'vitest';
import type { DispatchMessage } from '../../../server/src/contract/gpu-message.ts';
import type { Photo } from '../../../server/src/contract/jobs.ts';
import { inputKey, type JobRef, outputKey, previewKey } from '../../../server/src/domain/keys.ts';
import { doneItem, PICTURE, SIGNATURE } from '../gpu.ts';
import { type Backend, Jobs } from '../jobs.ts';
import { ask, type User } from './client.ts';
import { gpu } from './gpu.ts';
import { deliver, lastSent } from './queue.ts';

export { doneItem, failedItem, PICTURE } from '../gpu.ts';

export const PHOTO: Photo = { contentType: 'image/jpeg', bytes: 4 };
export const photos = (count: number): Photo[] => Array.from({ length: count }, () => PHOTO);
export const range = (count: number): number[] => Array.from({ length: count }, (_, idx) => idx);
export const CHOICE = { concepts: { Floor: { action: 'recolor', value: 'oak' } } } as const;

export type Job = JobRef & { photos: number };
export type RunningJob = Job & { dispatch: DispatchMessage };

/** Puts photos where their owner's PUT would. */
export async function putInputs(job: JobRef, indexes: number[], photo: Photo = PHOTO): Promise<void> {
  const httpMetadata = { contentType: photo.contentType };
  await Promise.all(
    indexes.map((idx) => env.R2.put(inputKey(job, idx), new Uint8Array(photo.bytes), { httpMetadata })),
  );
}

export const stored = (contentType: string) => ({ httpMetadata: { contentType } });

/** Puts results where the GPU worker's PUT would, and previews. */
export async function putResults(job: JobRef, indexes: number[]): Promise<void> {
  await Promise.all([...indexes.map((idx) => putResult(job, idx)), ...indexes.map((idx) => putPreview(job, idx))]);
}

export const putResult = (job: JobRef, idx: number, contentType = 'image/png') =>
  env.R2.put(outputKey(job, idx), PICTURE, stored(contentType));
/** A picture by a worker with keys of its own, whose library names no type: only its first bytes tell. */
export const putUntyped = (job: JobRef, idx: number) => env.R2.put(outputKey(job, idx), SIGNATURE);
export const putPreview = (job: JobRef, idx: number) => env.R2.put(previewKey(job, idx), 'jpg', stored('image/jpeg'));

/** By the API as a user calls it; the message of an executed job is held in queue.ts until it is delivered. */
export const backend: Backend<User, Answer> = {
  call: ({ client }, procedure, input) => getUntypedClient(client).mutation(procedure, input),
  put: async (objects) => {
    await Promise.all(
      objects.map(({ key, headers, body }) => env.R2.put(key, body, stored(headers['content-type'] ?? ''))),
    );
  },
  dispatched: async (jobId) => {
    await deliver(lastSent(jobId));
    return dispatchOf(jobId);
  },
  callback: post,
  blind: async (work) => {
    const hidden = vi.spyOn(env.R2, 'list').mockImplementation(() => Promise.reject(new Error('R2 is down')));
    return work().finally(() => hidden.mockRestore());
  },
};
export const jobsOver = (its: Backend<User, Answer>) => new Jobs(its, new Uint8Array(PHOTO.bytes), CHOICE);
export const jobs = jobsOver(backend);

export const createdJob = (user: User, count?: number) => jobs.at('created', user, count);
export const uploadedJob = (user: User, count?: number) => jobs.at('uploaded', user, count);
export const queuedJob = (user: User, count?: number) => jobs.at('queued', user, count);
/** Dispatched and accepted by the scripted provider. */
export const runningJob = (user: User, count?: number) => jobs.at('running', user, count);
/** Every photo done and settled. */
export const doneJob = (user: User, count?: number) => jobs.at('done', user, count);

/** What the provider was sent last for this job. */
export function dispatchOf(jobId: string): DispatchMessage {
  const message = gpu.dispatchesOf(jobId).at(-1);
  if (message === undefined) throw new Error(`nothing was dispatched for ${jobId}`);
  return message;
}

export type Answer = {
  status: number;
  body: {
    success: boolean;
    data: { status: string; items: { idx: number; outcome: string }[] } | null;
    error: { code: string; message: string; details: unknown } | null;
    meta: { request_id: string; timestamp: string };
  };
};

export async function post(jobId: string, body: BodyInit, headers: Record<string, string>): Promise<Answer> {
  const answer = await ask(`/jobs/${jobId}/callback`, { method: 'POST', body, headers });
  return { status: answer.status, body: await answer.json<Answer['body']>() };
}

/** A callback with the job's own token, as the GPU worker sends it. */
export function report({ jobId, dispatch }: RunningJob, body: unknown): Promise<Answer> {
  return post(jobId, JSON.stringify(body), { authorization: `Bearer ${dispatch.callback_token}` });
}

/** The same, compressed. */
export async function reportPacked({ jobId, dispatch }: RunningJob, body: unknown): Promise<Answer> {
  const packed = new Blob([JSON.stringify(body)]).stream().pipeThrough(new CompressionStream('gzip'));
  const headers = { authorization: `Bearer ${dispatch.callback_token}`, 'content-encoding': 'gzip' };
  return post(jobId, await new Response(packed).arrayBuffer(), headers);
}

/** Writes these results and reports them in one callback. */
export async function finish(job: RunningJob, indexes: number[]): Promise<Answer> {
  await putResults(job, indexes);
  return report(job, { items: indexes.map((idx) => doneItem(job, idx)) });
}

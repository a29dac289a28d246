/** Jobs at each stage of their life, made through the API as a user would. */
import { env } from 'cloudflare:workers';
import type { DispatchMessage } from '../../src/contract/gpu-message.ts';
import type { Photo } from '../../src/contract/jobs.ts';
import { inputKey, type JobRef, outputKey, previewKey } from '../../src/domain/keys.ts';
import { ask, type User } from './client.ts';
import { gpu } from './gpu.ts';
import { deliver, lastSent } from './queue.ts';

export const PHOTO: Photo = { contentType: 'image/jpeg', bytes: 4 };
export const photos = (count: number): Photo[] => Array.from({ length: count }, () => PHOTO);
export const range = (count: number): number[] => Array.from({ length: count }, (_, idx) => idx);
export const CHOICE = { concepts: { Floor: { action: 'recolor', value: 'oak' } } } as const;

export type Job = JobRef & { photos: number };
export type RunningJob = Job & { dispatch: DispatchMessage };

export async function createdJob(user: User, count = 2): Promise<Job> {
  const { jobId } = await user.client.jobs.create.mutate({ preset: 'interior', photos: photos(count) });
  return { userId: user.userId, jobId, photos: count };
}

/** Puts photos where their owner's PUT would. */
export async function putInputs(job: JobRef, indexes: number[], photo: Photo = PHOTO): Promise<void> {
  const httpMetadata = { contentType: photo.contentType };
  await Promise.all(
    indexes.map((idx) => env.R2.put(inputKey(job, idx), new Uint8Array(photo.bytes), { httpMetadata })),
  );
}

/** As large as a picture, so that its size and type are enough. */
export const PICTURE = new Uint8Array(1024);
export const stored = (contentType: string) => ({ httpMetadata: { contentType } });

/** Puts results where the GPU worker's PUT would, and previews. */
export async function putResults(job: JobRef, indexes: number[]): Promise<void> {
  await Promise.all([...indexes.map((idx) => putResult(job, idx)), ...indexes.map((idx) => putPreview(job, idx))]);
}

export const putResult = (job: JobRef, idx: number, contentType = 'image/png') =>
  env.R2.put(outputKey(job, idx), PICTURE, stored(contentType));
/** A picture by a worker with keys of its own, whose library names no type: only its first bytes tell. */
export const putUntyped = (job: JobRef, idx: number) =>
  env.R2.put(
    outputKey(job, idx),
    Uint8Array.from('\x89PNG\r\n\x1a\n', (char) => char.charCodeAt(0)),
  );
export const putPreview = (job: JobRef, idx: number) => env.R2.put(previewKey(job, idx), 'jpg', stored('image/jpeg'));

export async function uploadedJob(user: User, count = 2): Promise<Job> {
  const job = await createdJob(user, count);
  await putInputs(job, range(count));
  await user.client.jobs.confirmUpload.mutate({ jobId: job.jobId });
  return job;
}

/** Executed: its message is held in support/queue.ts. */
export async function queuedJob(user: User, count = 2): Promise<Job> {
  const job = await uploadedJob(user, count);
  await user.client.jobs.execute.mutate({ jobId: job.jobId, ...CHOICE });
  return job;
}

/** Dispatched and accepted by the scripted provider. */
export async function runningJob(user: User, count = 2): Promise<RunningJob> {
  const job = await queuedJob(user, count);
  await deliver(lastSent(job.jobId));
  return { ...job, dispatch: dispatchOf(job.jobId) };
}

/** Every photo done and settled. */
export async function doneJob(user: User, count = 2): Promise<RunningJob> {
  const job = await runningJob(user, count);
  await finish(job, range(count));
  return job;
}

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

export async function post(jobId: string, body: string, headers: Record<string, string>): Promise<Answer> {
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
  const init = { method: 'POST', body: await new Response(packed).arrayBuffer(), headers };
  const answer = await ask(`/jobs/${jobId}/callback`, init);
  return { status: answer.status, body: await answer.json<Answer['body']>() };
}

export const doneItem = (job: JobRef, idx: number, attempt = 1) => ({
  idx,
  status: 'done' as const,
  output_key: outputKey(job, idx),
  preview_key: previewKey(job, idx),
  attempt,
});
export const failedItem = (idx: number, error = 'cannot be decoded') => ({ idx, status: 'failed' as const, error });

/** Writes these results and reports them in one callback. */
export async function finish(job: RunningJob, indexes: number[]): Promise<Answer> {
  await putResults(job, indexes);
  return report(job, { items: indexes.map((idx) => doneItem(job, idx)) });
}

/** The way to each state of a job, as the cases walk it. */
import type { CreatedJob, S3Client, Upload } from '../../src/index.ts';
import type { Env } from './env.ts';
import { equal } from './expect.ts';

export interface User {
  client: S3Client;
  userId: string;
}

/** A new user, who shares nothing with any other case. */
export async function newUser(env: Env): Promise<User> {
  const client = env.createClient({ baseUrl: env.baseUrl, fetch: env.fetch, WebSocket: env.WebSocket });
  const { userId } = await client.auth.anon();
  return { client, userId };
}

export async function newProUser(env: Env): Promise<User> {
  const user = await newUser(env);
  await env.control.upgrade(user.userId);
  return user;
}

/** Bytes that begin like a JPEG, a different number of them for each `n`. */
export function jpeg(n = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64 + n).fill(7);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  return bytes;
}
export const jpegs = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: `photo-${n}.jpg`, data: jpeg(n) }));

export const OAK = { Floor: { action: 'recolor', value: 'oak' } } as const;

export function created({ client }: User, count: number): Promise<CreatedJob> {
  const photos = jpegs(count).map(({ data }) => ({ contentType: 'image/jpeg' as const, bytes: data.length }));
  return client.jobs.create({ preset: 'interior', photos });
}

/** Headers that a browser lets a script set; the others follow from the body. */
export function put(env: Env, { url, headers }: Upload, body: Uint8Array<ArrayBuffer>): Promise<Response> {
  const { 'content-length': _, ...settable } = headers;
  return env.fetch(url, { method: 'PUT', headers: settable, body });
}

/** The id of a job whose photos are there and confirmed. */
export async function uploaded(env: Env, user: User, count: number): Promise<string> {
  const { jobId, uploads } = await created(user, count);
  for (const upload of uploads) {
    const answer = await put(env, upload, jpeg(upload.idx));
    await answer.arrayBuffer();
    equal(answer.status, 200, `PUT of photo ${upload.idx}`);
  }
  await user.client.jobs.confirmUpload({ jobId });
  return jobId;
}

/** The id of a job that the GPU worker has taken. */
export async function dispatched(env: Env, user: User, count: number): Promise<string> {
  const jobId = await uploaded(env, user, count);
  await user.client.jobs.execute({ jobId, concepts: OAK });
  await env.control.dispatched(jobId);
  return jobId;
}

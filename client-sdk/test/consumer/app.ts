/**
 * An app that uses all of the package, compiled by `npm run sdk:verify` in an empty folder against the packed tarball. Never run.
 */
import {
  type AnyS3Error,
  type Connection,
  createClient,
  isS3Error,
  type JobEvent,
  type JobHandle,
  type JobState,
  memoryStorage,
  type PhotoFile,
  type RunItem,
  type RunResult,
  type S3Client,
  S3Error,
  type SessionStorage,
  webStorage,
} from '@s3-workers/client-sdk';

const database: SessionStorage = {
  get: async (key) => localStorage.getItem(key),
  set: async (key, value) => localStorage.setItem(key, value),
  remove: (key) => localStorage.removeItem(key),
};
export const clients: S3Client[] = [
  createClient({ baseUrl: 'https://api.example.com' }),
  createClient({ baseUrl: '', storage: webStorage(localStorage), fetch, WebSocket, maxRetries: 5, timeout: 10_000 }),
  createClient({ baseUrl: '', storage: database, auth: { token: 'jwt' }, WebSocket: null }),
  createClient({ baseUrl: '', storage: memoryStorage(), fetch: (url, init) => fetch(url, init), auth: undefined }),
];

export async function everyCall(client: S3Client, files: FileList | PhotoFile[], signal: AbortSignal): Promise<void> {
  const { userId, token, expiresAt } = await client.auth.anon({ deviceHash: 'hash' }, { signal });
  console.log(userId.length, token.length, expiresAt.getTime());
  const { credits, limits, plan, ruleSlots } = await client.user.me({ signal, timeout: 1_000, maxRetries: 0 });
  console.log(credits.balance + credits.held, limits.photosPerJob, plan === 'free', ruleSlots.max);
  for (const { palette, concepts } of await client.presets.list()) console.log(palette[0]?.hex, concepts[0]?.name.ko);
  const rule = await client.rules.create({
    name: 'Oak floor',
    presetId: 'interior',
    concepts: { Floor: { action: 'recolor', value: 'oak' }, Wall: { action: 'tone', value: 'warm' } },
    protect: ['Glass_highlight'],
  });
  await client.rules.update({ id: rule.id, concepts: rule.concepts });

  const estimate = await client.jobs.estimate({ preset: 'seller', photos: files.length });
  if (!estimate.allowed) throw new Error(estimate.reason);
  const created = await client.jobs.create({ preset: 'seller', photos: [{ contentType: 'image/png', bytes: 10 }] });
  for (const { url, headers } of created.uploads) await fetch(url, { method: 'PUT', headers });
  await client.jobs.confirmUpload({ jobId: created.jobId });
  await client.jobs.execute<'seller'>({ jobId: created.jobId, concepts: { Body: { action: 'remove' } } });
  await client.jobs.execute({ jobId: created.jobId, concepts: rule.concepts, idempotencyKey: 'one-and-only-key' });

  const page = await client.jobs.list({ limit: 5 });
  console.log(page.jobs[0]?.progress.done, page.nextCursor?.length);
  for await (const { jobId, finishedAt } of client.jobs.list()) console.log(jobId, finishedAt?.getTime());
  for await (const { amount } of client.user.ledger()) console.log(amount.toFixed());
}

export async function aJob(client: S3Client, files: PhotoFile[]): Promise<RunResult | null> {
  const job = client.jobs.start({
    preset: 'interior',
    files,
    concepts: { Floor: { action: 'texture', value: 'wood' } },
    maxCredits: files.length,
    onInvalid: 'skip',
    format: 'webp',
  });
  const stop = job.subscribe(() => show(job.state));
  try {
    for await (const event of job) told(event);
    const result = await job.result();
    if (result.items.some(({ status }) => status === 'failed')) return await job.retryFailed().result();
    const other: JobHandle<'interior'> = client.jobs.fork<'interior'>(result.jobId, {
      concepts: { Floor: { action: 'recolor', value: 'walnut' } },
    });
    await other.cancel();
    return result;
  } catch (error) {
    if (isS3Error(error, 'OVER_BUDGET')) console.log(error.data.credits - error.data.maxCredits);
    else if (isS3Error(error)) console.log(why(error));
    return null;
  } finally {
    stop();
  }
}

export function again(client: S3Client, jobId: string, picked: FileList): JobHandle {
  const job = client.jobs.attach(jobId, { onItem: ({ name, resultUrl }) => console.log(name, resultUrl) });
  if (job.state.missing.length > 0) job.resume(picked);
  job.pause();
  job.resume();
  job.detach();
  return job;
}

function show({ phase, uploadedBytes, totalBytes, items, connection, error }: JobState): void {
  const line: Connection = connection;
  console.log(phase, uploadedBytes / totalBytes, items.map(share), line, isS3Error(error) && error.code);
}
const share = ({ bytes, sentBytes }: RunItem): number => sentBytes / bytes;

function told(event: JobEvent): void {
  if (event.type === 'progress') console.log(event.done + event.failed, event.total);
  else if (event.type === 'item') console.log(event.item.name, event.item.fileIndex);
  else if (event.type === 'refused') console.log(event.file.name, event.file.reason, event.file.message);
  else if (event.type === 'connection') console.log(event.connection);
  else if (event.type === 'waiting') console.log(event.for, event.missing, event.unmatched[0]?.message);
  else console.log(event.type, event.result.charged);
}

function why(error: AnyS3Error): string {
  switch (error.code) {
    case 'CREDITS_EXHAUSTED':
      return `${error.data.needed - error.data.balance} credits are missing`;
    case 'INVALID_FILE':
      return error.data.files.map(({ name, reason }) => `${name}: ${reason}`).join();
    case 'NETWORK_ERROR':
      return error.data.file?.name ?? `attempt ${error.attempts}`;
    default:
      return `${error.code} ${error.status ?? ''} ${error.requestId ?? ''} ${error.retryable} ${error.jobId ?? ''}`;
  }
}

export const made = new S3Error({ code: 'ABORTED', message: 'for a test', data: null });

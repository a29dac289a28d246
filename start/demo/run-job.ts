/** One job of the demo: through the client package, as a new anonymous user, from the files to what became of each. */
import { readFileSync } from 'node:fs';
import type { ResultFormat, RunItem, S3Client } from '@s3-workers/client-sdk';
import type { Stack } from '../local/stack.ts';
import type { Album, Photo } from './albums.ts';
import type { Progress } from './progress.ts';

export type JobRun = {
  userId: string;
  /** Null when every file was refused. */
  jobId: string | null;
  refused: { photo: Photo; reason: string }[];
  settled: { photo: Photo; item: RunItem }[];
  charged: number;
  refunded: number;
  /** What is wrong with the user's credits afterwards. */
  problems: string[];
};

/** The job has a user of its own. */
export async function runJob(
  on: Pick<Stack, 'baseUrl' | 'secrets'>,
  album: Album,
  photos: Photo[],
  format: ResultFormat,
  progress: Progress,
  signal: AbortSignal,
): Promise<JobRun> {
  // Loaded late: it may have been built only now.
  const { createClient, isS3Error } = await import('@s3-workers/client-sdk');
  const client = createClient({ baseUrl: on.baseUrl });
  const run: JobRun = { userId: '', jobId: null, refused: [], settled: [], charged: 0, refunded: 0, problems: [] };
  const { files, taken } = readFiles(photos, run.refused);
  try {
    if (files.length > 0) {
      await allow(files.length, client, on);
      const result = await runOnce(client, album, files, format, progress, signal);
      run.jobId = result.jobId;
      run.charged = result.charged ?? 0;
      run.refunded = result.refunded ?? 0;
      if (result.charged === null) run.problems.push('the job was not settled when it ended');
      run.settled = result.items.map((item) => ({ photo: taken[item.fileIndex ?? -1]!, item }));
      run.refused.push(...result.refused.map(({ index, message }) => ({ photo: taken[index]!, reason: message })));
    }
  } catch (error) {
    // None of them can be sent.
    if (!isS3Error(error, 'INVALID_FILE')) throw error;
    run.refused.push(...error.data.files.map(({ index, message }) => ({ photo: taken[index]!, reason: message })));
    const reserved = await reservedBy(client);
    if (reserved !== null) run.problems.push(reserved);
  }
  for (const { photo, reason } of run.refused) progress.say(`  ${photo.name}: refused, ${reason}`);
  progress.end();
  return { ...run, ...(await checkCredits(client, run)) };
}

type File = { name: string; data: Uint8Array };

/** The files of `photos`, and which they are of; those that the machine does not give are refused. */
function readFiles(photos: Photo[], refused: JobRun['refused']): { files: File[]; taken: Photo[] } {
  const files: File[] = [];
  const taken: Photo[] = [];
  for (const photo of photos) {
    try {
      files.push({ name: photo.name, data: new Uint8Array(readFileSync(photo.file)) });
      taken.push(photo);
    } catch (error) {
      refused.push({ photo, reason: `cannot be read: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
  return { files, taken };
}

/** The operator gives the user the plan for so many photos. */
async function allow(photos: number, client: S3Client, { baseUrl, secrets }: Pick<Stack, 'baseUrl' | 'secrets'>) {
  const { userId, limits } = await client.user.me();
  if (photos <= limits.photosPerJob) return;
  const response = await fetch(`${baseUrl}/trpc/admin.setPlan`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secrets.ADMIN_SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ json: { userId, plan: 'pro' } }),
  });
  if (!response.ok) throw new Error(`the plan for ${photos} photos was not given: HTTP ${response.status}`);
}

const leftOf = (etaMs: number | null): string => (etaMs === null ? '' : `${Math.ceil(etaMs / 1000)} s left`);

function runOnce(
  client: S3Client,
  album: Album,
  files: File[],
  format: ResultFormat,
  progress: Progress,
  signal: AbortSignal,
) {
  return client.jobs.run({
    preset: album.preset,
    files,
    onInvalid: 'skip',
    format,
    // What changed is measured by them.
    masks: true,
    rule: album.rule,
    signal,
    onProgress: ({ phase, uploaded, done, failed, total, uploadedBytes, etaMs, busy }) => {
      if (phase === 'uploading')
        progress.update('uploading', uploaded, total, `${(uploadedBytes / 1e6).toFixed(1)} MB`);
      else {
        const notes = [failed > 0 ? `${failed} failed` : '', busy ? 'the GPU takes none now' : leftOf(etaMs)];
        progress.update('processing', done + failed, total, notes.filter((note) => note !== '').join(', '));
      }
    },
    onItem: (item) => {
      if (item.status !== 'done') progress.say(`  ${item.name}: ${item.status}, ${reasonOf(item)}`);
    },
  });
}

/** Why a photo failed, on one line. */
export const reasonOf = ({ error, status }: RunItem): string => (error ?? status).replace(/\s+/g, ' ').trim();

/** What is reserved for a user who has no job yet; null when it is nothing. */
async function reservedBy(client: S3Client): Promise<string | null> {
  const { credits, activeJobs } = await client.user.me();
  if (credits.held === 0 && credits.balance === credits.granted && activeJobs === 0) return null;
  return `refusing files left ${credits.held} credits held and ${activeJobs} jobs`;
}

/** The user paid for what is done and for nothing else. */
async function checkCredits(client: S3Client, run: JobRun): Promise<{ userId: string; problems: string[] }> {
  const { userId, credits } = await client.user.me();
  const done = run.settled.filter(({ item }) => item.status === 'done').length;
  const problems = [...run.problems];
  const expect = (what: string, actual: number, expected: number) => {
    if (actual !== expected) problems.push(`${what} is ${actual} credits and should be ${expected}`);
  };
  expect('the charge', run.charged, done);
  expect('what was returned', run.refunded, run.settled.length - done);
  expect('what the user has spent', credits.spent, done);
  expect('what is still held', credits.held, 0);
  expect('the balance', credits.balance, credits.granted - done);
  return { userId, problems };
}

/** One job of the demo: through the client package, as a new anonymous user, from the files to what became of each. */
import { readFileSync } from 'node:fs';
import type { InvalidFile, RunItem, S3Client } from '@s3-workers/client-sdk';
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

const REFUSALS: Record<InvalidFile['reason'], string> = {
  empty: 'the file is empty',
  html: 'the file is a web page, not a photo',
  'unknown-type': 'the file is not a JPEG, PNG or WebP photo',
  'too-large': 'the file is too large',
  'too-many': 'there are too many photos',
  unreadable: 'the file cannot be read',
};

export async function runJob(
  baseUrl: string,
  album: Album,
  photos: Photo[],
  progress: Progress,
  signal: AbortSignal,
): Promise<JobRun> {
  // Loaded late: it may have been built only now.
  const { createClient, isS3Error } = await import('@s3-workers/client-sdk');
  const client = createClient({ baseUrl });
  const run: JobRun = { userId: '', jobId: null, refused: [], settled: [], charged: 0, refunded: 0, problems: [] };
  let open = photos;
  while (open.length > 0 && run.jobId === null) {
    try {
      const result = await runOnce(client, album, open, progress, signal);
      run.jobId = result.jobId;
      run.charged = result.charged ?? 0;
      run.refunded = result.refunded ?? 0;
      if (result.charged === null) run.problems.push('the job was not settled when it ended');
      run.settled = result.items.map((item) => ({ photo: open[item.idx]!, item }));
    } catch (error) {
      if (!isS3Error(error, 'INVALID_FILE')) throw error;
      const refused = error.data.files.map((file) => ({ photo: open[file.index]!, reason: REFUSALS[file.reason] }));
      for (const { photo, reason } of refused) progress.say(`  ${photo.name}: refused, ${reason}`);
      run.refused.push(...refused);
      const reserved = await reservedBy(client);
      if (reserved === null) progress.say(`  nothing was reserved for ${refused.length === 1 ? 'it' : 'them'}`);
      else run.problems.push(reserved);
      open = open.filter((photo) => !refused.some((one) => one.photo === photo));
    }
  }
  progress.end();
  return { ...run, ...(await checkCredits(client, run)) };
}

function runOnce(client: S3Client, album: Album, photos: Photo[], progress: Progress, signal: AbortSignal) {
  const files = photos.map(({ name, file }) => ({ name, data: new Uint8Array(readFileSync(file)) }));
  return client.jobs.run({
    preset: album.preset,
    files,
    rule: album.rule,
    signal,
    onProgress: ({ phase, uploaded, done, failed, total, uploadedBytes }) => {
      if (phase === 'uploading')
        progress.update('uploading', uploaded, total, `${(uploadedBytes / 1e6).toFixed(1)} MB`);
      else progress.update('processing', done + failed, total, failed > 0 ? `${failed} failed` : '');
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

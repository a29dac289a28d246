/** A set from a folder of photos, saved under their own names: `S3_URL=http://localhost:8787 npm start -- PHOTOS RESULTS`. */
import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createClient, isS3Error } from '@s3-workers/client-sdk';
import { errorText, fileText } from '@s3-workers/client-sdk/messages';

const [folder, results] = process.argv.slice(2);
if (folder === undefined || results === undefined) {
  console.error('Usage: npm start -- PHOTOS RESULTS');
  process.exit(2);
}
const client = createClient({ baseUrl: process.env.S3_URL ?? 'http://localhost:8787' });

/** Opened, not read: a photo's bytes are read while they are sent. */
const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name));
const files = await Promise.all(names.map(async (name) => new File([await openAsBlob(path.join(folder, name))], name)));

try {
  const set = await client.jobs.run({
    preset: 'interior',
    files,
    concepts: { Wall: { action: 'recolor', value: '#7E9CC9' } },
    onInvalid: 'skip',
    onItem: ({ name, status, error }) => console.log(`${name}: ${error ?? status}`),
  });
  for (const file of set.refused) console.log(fileText(file, 'en'));
  const done = set.items.filter(({ status }) => status === 'done');
  const { urls } = await client.jobs.downloads({ jobId: set.jobId, files: done.map(({ idx }) => ({ idx })) });
  await mkdir(results, { recursive: true });
  for (const [at, { name }] of done.entries()) {
    const answer = await fetch(urls[at] ?? '');
    if (!answer.ok || answer.body === null) throw new Error(`${name} cannot be fetched: HTTP ${answer.status}`);
    const file = path.join(results, `${path.parse(name).name}.${set.format === 'jpeg' ? 'jpg' : set.format}`);
    await pipeline(Readable.fromWeb(answer.body), createWriteStream(file));
  }
  console.log(`${done.length} of ${files.length} photos are in ${results}; ${set.charged} credits`);
  if (done.length === 0) process.exitCode = 1;
} catch (error) {
  if (!isS3Error(error)) throw error;
  console.error(errorText(error, 'en'));
  process.exitCode = 1;
}

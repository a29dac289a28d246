/** What `@s3-workers/client-sdk/results` exports: a job's pictures as files, one after the other, and the photos that they were made from. */
import type { CallOptions } from '../api/call.ts';
import type { S3Client } from '../client.ts';
import { isS3Error } from '../errors.ts';
import type { Fetch } from '../wire/http.ts';
import { fetchFile } from './fetch-file.ts';
import { fileNames } from './file-names.ts';

export { fileNames } from './file-names.ts';

/** As zip libraries take it: `downloadZip(resultFiles(client, result))` of client-zip; `input.blob()`, `input.body` or `input.arrayBuffer()` for others. */
export interface ResultFile {
  idx: number;
  /** The photo's own with the ending of the job's format; a second one of a name gets a number, as in `kitchen-2.jpg`. */
  name: string;
  /** The answer of the storage, to be read once before the next file is asked for. */
  input: Response;
}

/** A job by its id, or its result or state, which know the photos' names. */
export type JobOfResults = string | { jobId: string | null; items: readonly { idx: number; name: string }[] };

/** Milliseconds that URLs are used for: they are good for half an hour at least. */
const GOOD_FOR = 25 * 60_000;

/**
 * The results that are done, in the order of the photos, each fetched when it is asked for: nothing is held in memory, and URLs are renewed on
 * the way. By an id alone they are called `photo-1`, ….
 *
 * @throws NETWORK_ERROR that names the file which can't be fetched
 */
export async function* resultFiles(
  client: S3Client,
  job: JobOfResults,
  options: CallOptions & { fetch?: Fetch | undefined } = {},
): AsyncGenerator<ResultFile, void, undefined> {
  const { jobId, items } = typeof job === 'string' ? { jobId: job, items: [] } : job;
  if (jobId === null) return;
  let asked = Date.now();
  let told = await client.jobs.get({ jobId }, options);
  const known = new Map(items.map(({ idx, name }) => [idx, name]));
  const done = told.items.filter(({ resultUrl }) => resultUrl !== undefined);
  const names = fileNames(
    done.map(({ idx }) => known.get(idx) ?? `photo-${idx + 1}`),
    told.format,
  );
  for (const [at, { idx }] of done.entries()) {
    if (Date.now() - asked > GOOD_FOR) {
      asked = Date.now();
      told = await client.jobs.get({ jobId }, options);
    }
    const name = names[at] as string;
    yield { idx, name, input: await fetchFile(told.items[idx]?.resultUrl ?? '', { index: idx, name }, options) };
  }
}

/**
 * URLs of the photos as they were uploaded, by index, good for half an hour at least: what a page shows beside the results after a reload,
 * when it has no file any more. Null for one that is kept no more.
 */
export async function originalUrls(client: S3Client, jobId: string, options?: CallOptions): Promise<(string | null)[]> {
  let files: { idx: number; kind: 'original' }[] = [];
  try {
    files = (await client.jobs.get({ jobId }, options)).items.map(({ idx }) => ({ idx, kind: 'original' }));
    return (await client.jobs.downloads({ jobId, files }, options)).urls;
  } catch (error) {
    if (!isS3Error(error, 'JOB_NOT_FOUND')) throw error;
    // A job that only history knows has photos, and none of them is kept.
    return files.map(() => null);
  }
}

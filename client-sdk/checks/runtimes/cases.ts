/**
 * What the client does by itself, as an app in any runtime uses it: global `fetch` and `WebSocket`, its own uploads and watching. The
 * conformance suite covers the server's calls; these cover one-call runs, progress, abort, pause, and taking a job up again.
 */
import { createClient, isS3Error, type JobHandle, memoryStorage, type PhotoFile } from '../../src/index.ts';
import type { Case, Env } from '../../test/conformance/cases.ts';
import { equal, ok, refused, until, within } from '../../test/conformance/expect.ts';
import { jpegs, OAK } from '../../test/conformance/steps.ts';

const INTERIOR = { preset: 'interior', concepts: OAK } as const;

/** The id of a job once it is made and sent to the GPU worker. */
async function taken({ control }: Env, job: JobHandle): Promise<string> {
  const id = await until(
    async () => job.id,
    (known) => known !== null,
    'the id of the job',
  );
  await control.dispatched(id ?? '');
  return id ?? '';
}

/** Ends the photos of a job, `count` of them done. */
async function finish({ control }: Env, jobId: string, count: number): Promise<void> {
  for (let idx = 0; idx < count; idx++) await control.done(jobId, idx);
}

export const CLIENT_CASES: Case[] = [
  {
    name: 'one call uploads, runs and follows a job to its end, and its results can be fetched',
    async run(env) {
      const client = createClient({ baseUrl: env.baseUrl });
      const job = client.jobs.start({ ...INTERIOR, files: jpegs(3) });
      const told: number[] = [];
      const reading = (async () => {
        for await (const event of job) if (event.type === 'item') told.push(event.item.idx);
      })();
      await finish(env, await taken(env, job), 3);
      const result = await within(job.result(), 'the result');
      await within(reading, 'the end of the events');
      equal([result.status, result.charged, result.refunded], ['done', 3, 0], 'the result');
      equal(told.toSorted(), [0, 1, 2], 'photos that were told');
      const { uploaded, uploadedBytes, totalBytes } = job.state;
      equal([uploaded, uploadedBytes], [3, totalBytes], 'what was uploaded');
      for (const { resultUrl } of result.items) {
        const answer = await env.fetch(resultUrl ?? '');
        equal([answer.status, (await answer.arrayBuffer()).byteLength > 0], [200, true], 'a result');
      }
    },
  },
  {
    name: 'progress comes live over a WebSocket',
    needsWebSocket: true,
    async run(env) {
      const job = createClient({ baseUrl: env.baseUrl }).jobs.start({ ...INTERIOR, files: jpegs(1) });
      const jobId = await taken(env, job);
      await until(
        async () => job.state.connection,
        (now) => now === 'live',
        'a live connection',
      );
      await finish(env, jobId, 1);
      equal((await within(job.result(), 'the result')).status, 'done', 'status');
    },
  },
  {
    name: 'without a WebSocket the job is asked for, and ends the same',
    async run(env) {
      const job = createClient({ baseUrl: env.baseUrl, WebSocket: null }).jobs.start({ ...INTERIOR, files: jpegs(2) });
      await finish(env, await taken(env, job), 2);
      equal((await within(job.result(), 'the result')).charged, 2, 'charged');
    },
  },
  {
    name: 'an aborted run rejects at once with ABORTED, and its job is canceled and refunded',
    async run(env) {
      const client = createClient({ baseUrl: env.baseUrl });
      const abort = new AbortController();
      const seen: (string | null)[] = [];
      const onProgress = ({ jobId, status }: { jobId: string | null; status: string | null }) => {
        if (status === 'running' || status === 'queued') seen.push(jobId);
      };
      const run = client.jobs.run({ ...INTERIOR, files: jpegs(2), signal: abort.signal, onProgress });
      const refusal = refused(run, 'ABORTED');
      await until(
        async () => seen.length,
        (count) => count > 0,
        'the job to run',
      );
      abort.abort();
      await within(refusal, 'the end of the run', 2_000);
      const me = await until(
        () => client.user.me(),
        ({ credits }) => credits.held === 0,
        'the refund',
      );
      equal([me.credits.balance, me.activeJobs], [10, 0], 'credits, jobs');
    },
  },
  {
    name: 'a paused upload goes on, and another client takes the job up in the middle',
    async run(env) {
      const storage = memoryStorage();
      const job = createClient({ baseUrl: env.baseUrl, storage }).jobs.start({ ...INTERIOR, files: jpegs(3) });
      job.pause();
      const id = await until(
        async () => job.id,
        (known) => known !== null,
        'the id of the job',
      );
      ok(job.state.paused, 'a paused job');
      equal(job.state.uploaded, 0, 'photos uploaded while paused');
      job.detach();
      const again = createClient({ baseUrl: env.baseUrl, storage }).jobs.attach(id ?? '');
      await until(
        async () => again.state.missing,
        (missing) => missing.length === 3,
        'the missing photos',
      );
      again.resume(jpegs(3).toReversed());
      await finish(env, await taken(env, again), 3);
      equal((await within(again.result(), 'the result')).charged, 3, 'charged');
    },
  },
  {
    name: 'bad files are refused by name before anything is reserved',
    async run(env) {
      const client = createClient({ baseUrl: env.baseUrl });
      const page = { name: 'page.jpg', data: new TextEncoder().encode('<!doctype html><title>no photo</title>') };
      const error = await client.jobs.run({ ...INTERIOR, files: [page] }).catch((reason: unknown) => reason);
      ok(isS3Error(error, 'INVALID_FILE'), 'INVALID_FILE');
      equal(
        error.data.files.map(({ name, reason }) => [name, reason]),
        [['page.jpg', 'html']],
        'files',
      );
      equal((await client.user.me()).credits.held, 0, 'held');
    },
  },
  {
    name: 'with skip the rest of an album goes on, and each result says which file it is of',
    async run(env) {
      const client = createClient({ baseUrl: env.baseUrl });
      const [first, second] = jpegs(2) as [PhotoFile, PhotoFile];
      const film = { name: 'film.jpg', data: new Uint8Array([0, 0, 0, 16, ...new TextEncoder().encode('ftypqt  ')]) };
      const job = client.jobs.start({ ...INTERIOR, files: [first, film, second], onInvalid: 'skip' });
      await finish(env, await taken(env, job), 2);
      const { items, refused: left, charged, format } = await within(job.result(), 'the result');
      equal([charged, format], [2, 'jpeg'], 'charged, format');
      equal(
        items.map(({ idx, fileIndex }) => [idx, fileIndex]),
        [
          [0, 0],
          [1, 2],
        ],
        'photos',
      );
      equal(
        left.map(({ index, name, reason }) => [index, name, reason]),
        [[1, 'film.jpg', 'video']],
        'files left out',
      );
    },
  },
];

/**
 * `npm run demo`: runs real jobs on real photos through the whole system on this machine, measures what came out, and writes a
 * contact sheet. Ends with an error when a photo did not come out as it should. See options.ts.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildClientSdk } from '../../client-sdk/build-if-stale.ts';
import { MAX_PHOTOS } from '../../server/src/contract/limits.ts';
import { endInOrderWhenInterrupted } from '../ending.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { GENERATED } from '../paths.ts';
import { workersAsked } from '../provider/local.ts';
import { type Album, readAlbums } from './albums.ts';
import { operatorBucket, type ReadObject } from './bucket.ts';
import { contactSheet, type Totals } from './contact-sheet.ts';
import { figuresTable, LEGEND } from './figures-table.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { prepareOutFolder } from './out-folder.ts';
import type { Outcome } from './outcome.ts';
import { refusedPhoto, settledPhoto } from './photo-outcome.ts';
import { progressLine } from './progress.ts';
import { runJob } from './run-job.ts';
import { RunsLog } from './runs-table.ts';
import { type WrittenSet, writeSets } from './sets.ts';

const LOG = path.join(GENERATED, 'demo.log');

type Ran = { outcomes: Outcome[]; sets: WrittenSet[]; charged: number; refunded: number; problems: string[] };

const interrupted = endInOrderWhenInterrupted();
/** Aborted when nothing more can come of the jobs: the client would go on trying for a while. */
const over = new AbortController();
const givenUp = AbortSignal.any([interrupted, over.signal]);
let stack: Stack | undefined;

try {
  process.exitCode = await demo(process.argv.slice(2));
} catch (error) {
  if (!interrupted.aborted) {
    console.error(`\n✘ ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
} finally {
  over.abort();
  await stack?.stop();
}

async function demo(args: string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const albums = readAlbums(options);
  checkExpected(albums, options);
  prepareOutFolder(options.out);
  if (await buildClientSdk()) console.log('Built the client package');
  const gpuWorkers = workersAsked(process.env);
  const started = performance.now();
  const runs = new RunsLog(() => performance.now() - started);
  stack = await startStack({ logFile: LOG, gpuWorkers, onLine: runs.take });
  if (stack.health.status !== 200) throw new Error(`the Worker is not healthy: ${JSON.stringify(stack.health.body)}`);
  console.log(`Running at ${stack.baseUrl}, GPU worker at ${stack.gpuUrl}\n`);

  const readObject = operatorBucket(stack.s3);
  const ran: Ran = { outcomes: [], sets: [], charged: 0, refunded: 0, problems: [] };
  const on = stack;
  const work = async () => {
    for (const album of albums) await runAlbum(on, album, options, readObject, ran);
  };
  await Promise.race([work(), failure(on)]);
  const seconds = Math.round((performance.now() - started) / 1000);
  for (const album of albums) {
    const outcomes = ran.outcomes.filter((outcome) => outcome.album === album);
    ran.sets.push(...(await writeSets(options.out, album, outcomes)));
  }
  if (runs.table() !== '') console.log(`\n${runs.table()}`);
  return report(ran, { charged: ran.charged, refunded: ran.refunded, seconds }, options);
}

/** Rejects when a process of the stack ends by itself. */
async function failure(on: Stack): Promise<never> {
  throw new Error(`${await on.ended}\n\nThe last lines before that:\n${on.tail()}`);
}

async function runAlbum(on: Stack, album: Album, options: Options, readObject: ReadObject, ran: Ran): Promise<void> {
  const progress = progressLine(album.name);
  for (let first = 0; first < album.photos.length; first += MAX_PHOTOS) {
    const photos = album.photos.slice(first, first + MAX_PHOTOS);
    const { userId, jobId, ...job } = await runJob(on, album, photos, options.format, progress, givenUp);
    const where = (photo: (typeof photos)[number]) => {
      return {
        out: options.out,
        format: options.format,
        album,
        photo,
        expectedToFail: options.expectFailed.has(photo.name),
      };
    };
    for (const { photo, reason } of job.refused) ran.outcomes.push(refusedPhoto(where(photo), reason));
    for (const { photo, item } of job.settled) {
      if (jobId) ran.outcomes.push(await settledPhoto(where(photo), item, { userId, jobId }, readObject));
    }
    ran.charged += job.charged;
    ran.refunded += job.refunded;
    ran.problems.push(...job.problems.map((problem) => `${album.name}: ${problem}`));
  }
}

/** Prints the figures, writes the sheet, and returns the exit code. */
function report({ outcomes, sets, problems }: Ran, totals: Totals, options: Options): number {
  const sheet = path.join(options.out, 'index.html');
  writeFileSync(sheet, contactSheet(outcomes, totals, sets));
  console.log(`\n${figuresTable(outcomes)}\n\n${LEGEND}\n`);
  for (const problem of problems) console.log(`  ✘ ${problem}`);
  const done = outcomes.filter((outcome) => outcome.state === 'done').length;
  const refused = outcomes.filter((outcome) => outcome.state === 'refused').length;
  console.log(
    `  ${done} done, ${outcomes.length - done - refused} failed, ${refused} refused; ` +
      `${totals.charged} credits charged, ${totals.refunded} returned; ${totals.seconds} s`,
  );
  const drawn = sets.reduce((count, { pictures }) => count + pictures.length, 0);
  console.log(`  Sets: ${drawn} pictures of ${sets.length} output templates`);
  const relative = path.relative(process.env.INIT_CWD ?? process.cwd(), sheet);
  console.log(`  Contact sheet: ${relative.startsWith('..') ? sheet : relative}`);
  const wrong = outcomes.filter((outcome) => outcome.problems.length > 0).length;
  if (wrong > 0) console.log(`\n✘ ${wrong} of ${outcomes.length} photos did not come out as they should. Log: ${LOG}`);
  return wrong > 0 || problems.length > 0 ? 1 : 0;
}

/** A misspelt name would make a demo pass that should not. */
function checkExpected(albums: Album[], options: Options): void {
  const names = new Set(albums.flatMap((album) => album.photos.map((photo) => photo.name)));
  for (const name of options.expectFailed) {
    if (!names.has(name)) throw new Error(`--expect-failed ${name}: there is no photo of that name`);
  }
}

/**
 * A load run: many jobs of many users against the local stack, with a fake GPU worker that drops, repeats, reorders and
 * contradicts, and with `--kill` the stack killed in between. Ends with an error when a promise was broken. See options.ts.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endInOrderWhenInterrupted, endWithCommand } from '../../start/ending.ts';
import { GENERATED } from '../../start/paths.ts';
import { Admin } from './admin.ts';
import { type RanJob, runJob } from './client-job.ts';
import { Dice } from './dice.ts';
import { Reports } from './gpu/reports.ts';
import { type FakeGpu, startFakeGpu } from './gpu/server.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { makePictures } from './photos.ts';
import { planJobs, planKills } from './plan.ts';
import { runAll } from './schedule.ts';
import { StackKeeper } from './stack-keeper.ts';
import { figuresTable } from './table.ts';
import { Tally } from './tally.ts';
import { openUsers, type User } from './users.ts';
import { verifyAll } from './verify/all.ts';

const PROGRESS_MS = 10_000;
const DRAIN_LIMIT_MS = 180_000;

let keeper: StackKeeper | undefined;
let spoilt = false;
const interrupted = endInOrderWhenInterrupted();

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else process.exitCode = await load(options);
} catch (error) {
  const expected = interrupted.aborted || spoilt;
  if (!expected) console.error(`\n✘ ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  await keeper?.end();
}
// What a client or the GPU worker still waits for must not keep the process. After a signal it ends by that.
if (!interrupted.aborted) process.exit();

/** Ends a run that is worth nothing any more. */
async function giveUp(reason: string): Promise<void> {
  if (spoilt || interrupted.aborted) return;
  spoilt = true;
  console.error(`\n✘ ${reason}: run it again`);
  await keeper?.end();
  process.exit(1);
}

async function load(options: Options): Promise<number> {
  const began = performance.now();
  const logFile = path.join(GENERATED, `load-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.log`);
  const { jobs, users: userCount, photos, kill, seed } = options;
  console.log(`Load: ${jobs} jobs of ${photos} photos, ${userCount} users, ${kill} kills`);
  console.log(`Seed ${seed} (replay with --seed ${seed}); log ${logFile}`);

  const dice = new Dice(seed);
  const tally = new Tally();
  const reports = new Reports(tally);
  const pictures = await makePictures();
  const ordinals = new Map<string, number>();
  const disturbed = () => keeper?.disturbed() ?? true;
  const ordinalOf = (jobId: string) => ordinals.get(jobId) ?? 0;
  const gpu = await startFakeGpu({ dice, tally, reports, pictures, ordinalOf, disturbed });
  const provider = options.provider ?? (kill > 0 ? null : 'runpod');
  const onSpoilt = (reason: string) => void giveUp(reason);
  keeper = new StackKeeper({ gpu, provider, logFile, keep: options.keep, onSpoilt }, tally);
  endWithCommand(() => keeper?.end() ?? Promise.resolve());
  const { baseUrl } = await keeper.start();
  const admin = new Admin(baseUrl);
  const credits = Math.ceil(jobs / userCount) * photos;
  const users = await openUsers({ baseUrl, admin, users: userCount, credits, weather: keeper, tally });
  console.log(`Running at ${baseUrl}, fake GPU worker at ${gpu.url}; ${users.length} users are ready\n`);

  const started = performance.now();
  const ran = await underLoad({ options, dice, tally, users, keeper, gpu, photos: pictures.photos, ordinals });
  const loadMs = performance.now() - started;
  console.log(`\nLoad over after ${Math.round(loadMs / 1000)} s; verifying`);
  const isOver = await Promise.race([gpu.idle().then(() => true), sleep(DRAIN_LIMIT_MS, false, { ref: false })]);
  if (!isOver) tally.problem('the GPU worker does not come to an end');
  const say = (line: string) => console.log(`  ${line}`);
  const verified = await verifyAll({ admin, keeper, users, ran, reports, tally, say });
  const totalMs = performance.now() - began;
  console.log(`\n${figuresTable({ counts: tally.counts, verified, photosPerJob: photos, loadMs, totalMs })}\n`);
  if (tally.counts.kills !== kill) tally.problem('not every kill took place', `${tally.counts.kills} of ${kill}`);
  if (ran.length !== jobs) tally.problem('not every job was run', `${ran.length} of ${jobs}`);
  const problems = tally.problems();
  for (const problem of problems) console.log(`  ✘ ${problem}`);
  console.log(problems.length === 0 ? '  ✔ every promise was kept' : `\n✘ ${problems.length} promises were broken`);
  console.log(`  Seed ${seed}; log ${logFile}${options.keep ? `; state ${keeper.persistTo}` : ''}`);
  return problems.length === 0 ? 0 : 1;
}

type Load = {
  options: Options;
  dice: Dice;
  tally: Tally;
  users: User[];
  keeper: StackKeeper;
  gpu: FakeGpu;
  photos: Buffer[];
  ordinals: Map<string, number>;
};

async function underLoad({ options, dice, tally, users, keeper, gpu, photos, ordinals }: Load): Promise<RanJob[]> {
  const planned = planJobs(options, photos.length, dice);
  const kills = planKills(options, dice);
  let killing = Promise.resolve();
  const started = performance.now();
  const timer = setInterval(() => {
    const { jobsEnded, callbacks, resultsAccepted, kills: killed } = tally.counts;
    const seconds = Math.round((performance.now() - started) / 1000);
    const killNote = options.kill > 0 ? `, ${killed}/${options.kill} kills` : '';
    console.log(
      `  ${String(seconds).padStart(4)} s  ${jobsEnded}/${options.jobs} jobs, ${resultsAccepted} results, ` +
        `${callbacks} callbacks, ${gpu.active()} runs${killNote}`,
    );
  }, PROGRESS_MS);
  const ran = await runAll(planned, options.parallel, async (job) => {
    const user = users[job.user];
    if (user === undefined) throw new Error(`there is no user ${job.user}`);
    const onCreated = (jobId: string) => ordinals.set(jobId, job.ordinal);
    const one = await runJob(job, { client: user.client, photos, tally, weather: keeper, onCreated });
    tally.add('jobsEnded');
    if (kills[0] !== undefined && tally.counts.jobsEnded > kills[0]) {
      const n = options.kill - kills.length;
      kills.shift();
      killing = killing.then(() => sleep(dice.between(0, 1_500, 'kill delay', n))).then(() => keeper.kill());
    }
    return one;
  });
  clearInterval(timer);
  await killing;
  return ran;
}

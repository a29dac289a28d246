/**
 * `npm run soak -- --runs N [--seed S]`: the model's runs (proving/lives) by the thousand, in pieces, so that each starts
 * with an empty workerd of its own. Stops at the first broken promise and prints how to have it again. The last line is the figures.
 */
import { statfsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { onInterrupt, type TemporaryFolder, temporaryFolder } from '../../start/ending.ts';
import { optionsGiven, whole } from '../../start/options.ts';
import { endSteps, runVitest } from '../../start/run-step.ts';

/** Runs in one piece: enough to make its start cheap, few enough for its databases to fit into memory. */
const PIECE = 2_000;
/** Pieces at a time: each is one workerd, which uses one core at most and waits a third of its time. */
const AT_ONCE = availableParallelism() + 1;
/** Bytes of memory for the databases of a piece. */
const MEMORY_NEEDED = 3e9;

/** Of a part on its way: how many of its runs are over, and whether one failed, comes with its last line. */
type Figures = { part: number; commands: number; runs?: number; failures?: number };
type Piece = { runs: number; commands: number; failures: number; output: string };

const { runs, seed } = optionsGiven({
  runs: whole(100_000, 1, Number.MAX_SAFE_INTEGER),
  seed: whole(Date.now() % 1_000_000_000, 1, Number.MAX_SAFE_INTEGER),
});
const interruption = onInterrupt(endSteps);
const stopped = (): boolean => interruption.code !== null;

console.log(`Soak: ${runs} runs from seed ${seed}`);
const started = performance.now();
const total = { runs: 0, commands: 0, failures: 0 };
let next = 0;
await Promise.all(Array.from({ length: AT_ONCE }, onePieceAfterAnother));
if (stopped()) console.log('stopped');
const mean = (total.commands / Math.max(1, total.runs)).toFixed(1);
console.log(`${total.runs} runs, ${total.commands} commands (${mean} a run), ${total.failures} failures, ${elapsed()}`);
process.exitCode = interruption.code ?? (total.failures > 0 ? 1 : 0);

async function onePieceAfterAnother(): Promise<void> {
  while (next < runs && total.failures === 0 && !stopped()) {
    const first = next;
    next += PIECE;
    const piece = await runPiece(seed + first, Math.min(PIECE, runs - first));
    total.runs += piece.runs;
    total.commands += piece.commands;
    total.failures += piece.failures;
    if (piece.failures > 0) console.log(piece.output);
    else console.log(`${total.runs} of ${runs} runs, ${total.commands} commands, ${elapsed()}`);
  }
}

function elapsed(): string {
  return `${Math.round((performance.now() - started) / 1000)} s`;
}

/** Databases in memory, where there is room: on disk every commit waits for it. */
function folderForDatabases(): TemporaryFolder {
  let parent: string | undefined;
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > MEMORY_NEEDED * AT_ONCE) parent = '/dev/shm';
  } catch {
    // Not Linux: the usual folder it is.
  }
  return temporaryFolder('s3-soak-', parent);
}

async function runPiece(first: number, count: number): Promise<Piece> {
  const folder = folderForDatabases();
  try {
    const env = {
      ...process.env,
      MODEL_SEED: String(first),
      MODEL_RUNS: String(count),
      MODEL_PATH: '',
      TMPDIR: folder.path,
    };
    // workerd reports what our own failures throw on the other stream; only what fails a run matters.
    const { ok, output } = await runVitest(['--project', 'model', 'proving/lives/'], { env, kept: ['stdout'] });
    const parts = new Map<number, Figures>();
    for (const line of output.split('\n')) {
      const json = /MODEL (\{.*\})/.exec(line)?.[1];
      if (json === undefined) continue;
      const figures: Figures = JSON.parse(json);
      parts.set(figures.part, figures);
    }
    const sum = (pick: (figures: Figures) => number) => [...parts.values()].reduce((all, one) => all + pick(one), 0);
    const failures = sum((one) => one.failures ?? 0);
    // What goes wrong outside a run counts as well.
    const lost = failures === 0 && (!ok || sum((one) => one.runs ?? 0) !== count);
    return {
      runs: sum((one) => one.runs ?? 0),
      commands: sum((one) => one.commands),
      failures: lost && !stopped() ? 1 : failures,
      output,
    };
  } finally {
    folder.remove();
  }
}

/**
 * `npm run cost`: what a job uses of the platform, counted, and what that costs.
 *
 *     npm run cost                  jobs of 10, 30 and 200 photos, results singly and in tens, once with evictions, once with masks
 *     npm run cost -- --check       exits with 1 when a count is above its limit (proving/bench/limits.ts)
 *     npm run cost -- --quick       30 photos only, which is what the limits are about
 *     npm run cost -- --write       puts the tables into docs/PERFORMANCE.md
 */
import { endInOrderWhenInterrupted } from '../../../start/ending.ts';
import { flag, optionsGiven } from '../../../start/options.ts';
import { COUNT_LIMITS } from '../limits.ts';
import { type Bench, startBench } from '../start.ts';
import { figure, publish, type Table, verdict } from '../tables.ts';
import { dollarsPer1000, freeJobs, resourcesOf } from './bill.ts';
import { cleanUpCounts } from './clean-up.ts';
import { FREE_PER_DAY, PRICE_LIST_DATE } from './prices.ts';
import { METERED, runJob, type Variant, type WholeUsage } from './run-job.ts';
import { gbOfResults } from './storage.ts';

const values = optionsGiven({ check: flag(), quick: flag(), write: flag() });

type Run = { variant: Variant; usage: WholeUsage };

const PHOTOS = values.quick ? [30] : [10, 30, 200];
const VARIANTS: Variant[] = [
  ...PHOTOS.flatMap((photos) => [1, 10].map((perCallback) => ({ photos, perCallback, evicted: false }))),
  { photos: 30, perCallback: 1, evicted: true },
  { photos: 30, perCallback: 1, evicted: false, masks: true },
];

const nameOf = ({ photos, perCallback, evicted, masks }: Variant): string =>
  `${photos} photos, ${perCallback === 1 ? 'one' : 'ten'} a callback${evicted ? ', evicted between' : ''}${masks ? ', with masks' : ''}`;

/** Nothing was done to it that most jobs do not see. */
const isPlain = ({ evicted, masks }: Variant): boolean => !evicted && !masks;

endInOrderWhenInterrupted();
const bench = await startBench(METERED);
let runs: Run[];
try {
  runs = await runAll(bench);
} finally {
  await bench.stop();
}
const tables = [usageTable(runs), storageTable(runs), freeTable(runs), priceTable(runs), limitTable(runs)];
publish(tables, values.write ? ['PERFORMANCE.md', 'cost'] : null, 'npm run cost --');
const above = limitTable(runs).rows.filter((row) => row.at(-1) === 'ABOVE').length;
if (values.check) {
  console.log(above > 0 ? `\n✘ ${above} counts are above their limit` : '\n✔ every count is within its limit');
  process.exitCode = above > 0 ? 1 : 0;
}

/** The account is a known one: its object and its tables are there before anything is counted. */
async function runAll(on: Bench): Promise<Run[]> {
  const account = await on.api.signUpPro();
  await runJob(on, account, { photos: 1, perCallback: 1, evicted: false });
  console.log('what a clean-up uses');
  const cleanUp = await cleanUpCounts(30);
  const done: Run[] = [];
  for (const [at, variant] of VARIANTS.entries()) {
    console.log(`${at + 1}/${VARIANTS.length} ${nameOf(variant)}`);
    done.push({ variant, usage: { ...(await runJob(on, account, variant)), cleanUp } });
  }
  return done;
}

function usageTable(all: Run[]): Table {
  const lines: [string, (usage: WholeUsage) => number][] = [
    ['HTTP requests of client and GPU worker', (usage) => usage.httpRequests],
    ['Worker requests', (usage) => usage.workerRequests],
    ['object requests', (usage) => usage.objectRequests],
    ['object rows read', (usage) => usage.objectRowsRead],
    ['object rows written', (usage) => usage.objectRowsWritten],
    ['object milliseconds', (usage) => usage.objectActiveMs],
    ['object GB-s', (usage) => resourcesOf(usage)['object GB-s']],
    ['object rows written by the clean-up', (usage) => usage.cleanUp.objectRowsWritten],
    ['D1 queries', (usage) => usage.d1Queries],
    ['D1 rows read', (usage) => usage.d1RowsRead],
    ['D1 rows written', (usage) => usage.d1RowsWritten],
    ['queue operations', (usage) => usage.queueOperations],
    ['queue message, bytes', (usage) => usage.queueMessageBytes],
    ['dispatch to the provider, bytes', (usage) => usage.dispatchBytes],
    ['R2 class A, by the Worker', (usage) => usage.r2ClassA],
    ['R2 class A, by client and GPU worker', (usage) => usage.storageClassA],
    ['R2 class A, by the clean-up', (usage) => usage.cleanUp.r2ClassA],
    ['R2 class B, by client and GPU worker', (usage) => usage.storageClassB],
    ['D1, bytes', (usage) => usage.d1Bytes],
    ['bytes of bodies in', (usage) => usage.bytesIn],
    ['bytes of bodies out', (usage) => usage.bytesOut],
    ['CPU ms of workerd', (usage) => usage.cpuMs],
    ['CPU ms of queue and consumer', (usage) => usage.dispatchCpuMs],
  ];
  return {
    title: 'What one job of a known user uses, all photos done',
    head: ['', ...all.map(({ variant }) => shortName(variant))],
    rows: lines.map(([name, of]) => [name, ...all.map(({ usage }) => figure(of(usage)))]),
  };
}

function shortName({ photos, perCallback, evicted, masks }: Variant): string {
  return `${photos}/${perCallback}${evicted ? ' evicted' : ''}${masks ? ' masks' : ''}`;
}

/** Whole ones, unless they are few. */
function ofJobs(jobs = 0): string {
  return jobs < 10 ? jobs.toFixed(1) : String(Math.floor(jobs));
}

/** Ten gigabytes and one database are what the free plan has at a time. */
function storageTable(all: Run[]): Table {
  const rows = all
    .filter(({ variant }) => isPlain(variant) && variant.perCallback === 1)
    .map(({ variant, usage }) => [
      String(variant.photos),
      figure(gbOfResults(variant.photos)),
      ofJobs((FREE_PER_DAY['R2 GB-days'] ?? 0) / gbOfResults(variant.photos)),
      figure(usage.r2GbDays),
      figure(usage.d1Bytes),
      ofJobs(((FREE_PER_DAY['D1 GB-days'] ?? 0) * 1e9) / usage.d1Bytes),
    ]);
  const head = ['photos', 'GB of results', 'such jobs in 10 GB', 'R2 GB-days', 'D1 bytes', 'such jobs in 500 MB of D1'];
  return { title: 'What lies there, for photos of 12 megapixels and results as PNG', head, rows };
}

function freeTable(all: Run[]): Table {
  const rows = all.map(({ variant, usage }) => {
    const [first, second] = freeJobs(usage);
    return [
      nameOf(variant),
      ofJobs(first?.jobs),
      ofJobs((first?.jobs ?? 0) * variant.photos),
      first?.resource ?? '',
      `${second?.resource} (${ofJobs(second?.jobs)})`,
    ];
  });
  return { title: 'The free plan', head: ['job', 'jobs a day', 'photos a day', 'what binds', 'next'], rows };
}

function priceTable(all: Run[]): Table {
  const rows = all.map(({ variant, usage }) => {
    const prices = dollarsPer1000(usage, variant.photos);
    const total = prices.reduce((sum, { dollars }) => sum + dollars, 0);
    const [first, second] = prices;
    const part = (price: typeof first) => (price ? `${price.resource} ${price.dollars.toFixed(4)}` : '');
    return [nameOf(variant), total.toFixed(4), part(first), part(second)];
  });
  return {
    title: `Dollars for 1,000 photos on the paid plan, beyond what it includes (price list of ${PRICE_LIST_DATE})`,
    head: ['job', 'dollars', 'dearest', 'next'],
    rows,
  };
}

function limitTable(all: Run[]): Table {
  const rows = all.flatMap(({ variant, usage }) => {
    if (variant.photos !== 30 || !isPlain(variant)) return [];
    const limits = COUNT_LIMITS[variant.perCallback === 1 ? 1 : 10];
    const counted = {
      'D1 rows written': usage.d1RowsWritten,
      'object rows written': usage.objectRowsWritten,
      'HTTP requests': usage.httpRequests,
      'queue operations': usage.queueOperations,
      'R2 class A, clean-up included': resourcesOf(usage)['R2 class A'],
    };
    return (Object.keys(limits) as (keyof typeof counted)[]).map((name) => [
      `${name}, ${variant.perCallback === 1 ? 'one' : 'ten'} a callback`,
      figure(limits[name]),
      figure(counted[name]),
      verdict(counted[name], limits[name]),
    ]);
  });
  return {
    title: 'Limits, for 30 photos of a known user',
    head: ['count', 'limit', 'counted', 'verdict'],
    rows,
  };
}

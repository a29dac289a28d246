/** What `npm run bench` tells: each call in the floor that it is made of, from rounds that agree, with the machines that it was seen on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { METERED, takeCounts } from '../bench/cost/run-job.ts';
import { CPU_UNITS, LATENCY_LIMITS } from '../bench/limits.ts';
import { seenWith } from '../bench/machine.ts';
import { type CpuRound, cpuRows } from '../bench/speed/cpu.ts';
import { type Report, tablesOf } from '../bench/speed/report.ts';
import { agreeing } from '../bench/speed/rounds.ts';
import { serviceTargets, type Target } from '../bench/speed/targets.ts';
import { quiet, TOLD_MS } from '../bench/speed/workerd-cpu.ts';
import { type Bench, IN_ONE_RUN, startBench } from '../bench/start.ts';

describe('counted, a call is made of what its limit is told in', () => {
  let bench: Bench;
  let targets: Target[];
  beforeAll(async () => {
    bench = await startBench({ ...METERED, vars: IN_ONE_RUN });
    targets = await serviceTargets(bench.api);
  }, 120_000);
  afterAll(() => bench?.stop());

  const objects = async (): Promise<number> => {
    const ids = (['USER_LIMITER', 'JOB_COORDINATOR'] as const).map((kind) => bench.production.objectIds(kind));
    return (await Promise.all(ids)).flat().length;
  };

  /** The floor's letter; what asks D1 as well is made of nothing that a floor stands for. */
  async function madeOf({ prepare, changesUsers }: Target): Promise<string> {
    const [first, second] = await prepare(2);
    if (first === undefined || second === undefined) throw new Error('there is nothing to send');
    // The first fills what is kept in memory between calls.
    await bench.api.send(first.url, first);
    if (changesUsers) await quiet(bench.pid, TOLD_MS);
    await takeCounts(bench);
    const before = await objects();
    await bench.api.send(second.url, second);
    const { objectRequests, objectRowsWritten, d1Queries } = await takeCounts(bench);
    if (d1Queries > 0) return 'D1';
    if ((await objects()) > before) return 'f';
    if (objectRowsWritten > 0) return 'e';
    return objectRequests > 0 ? 'b' : 'a';
  }

  test.each(Object.entries(LATENCY_LIMITS))('%s', async (name, { floor }) => {
    const target = targets.find((one) => one.name === name);
    if (target === undefined) throw new Error(`${name} is not measured`);
    expect(await madeOf(target)).toBe(floor);
  });

  test.each(['jobs.create', 'jobs.get', 'callback'] as const)('CPU of %s is told in the same', (kind) => {
    const [, limit] = Object.entries(LATENCY_LIMITS).find(([name]) => name.startsWith(kind)) ?? [];
    expect(CPU_UNITS[kind]).toBe(limit?.floor);
  });
});

/** Floors of one machine: bare answers, and how many times as dear its objects are. */
function round(bare: number, objects: number, slower = 1): CpuRound {
  const figure = (name: string, floor: 'a' | 'b' | 'e' | 'f', cpuMs: number) => ({ name, requests: 1, cpuMs, floor });
  return {
    floors: new Map([
      ['a', figure('floor (a)', 'a', bare)],
      ['b', figure('floor (b)', 'a', bare * objects)],
    ]),
    rows: [figure('jobs.get all done, 200 photos', 'b', 5 * bare * objects * slower)],
  };
}
const multipleOf = (rounds: CpuRound[]) => cpuRows(rounds).find(({ floor }) => floor === 'b')?.multiple;

test('a machine whose objects are dearer gives the same multiples, and slower code gives others', () => {
  expect(multipleOf([round(1, 1.3)])).toBeCloseTo(5);
  expect(multipleOf([round(2, 4)])).toBeCloseTo(5);
  expect(multipleOf([round(1, 1.3, 1.5), round(2, 4, 1.5)])).toBeCloseTo(7.5);
});

describe('rounds', () => {
  /** Runs three rounds in which a floor was measured as listed, one after the other. */
  const run = async (floors: number[][]) => {
    const { kept, ...rest } = await agreeing(
      3,
      async (number) => floors[number - 1] ?? floors.at(-1) ?? [],
      (measured) => ({ b: measured, e: [1] }),
    );
    return { kept: kept.map(String), ...rest };
  };

  test('that agree are kept as they are', async () => {
    expect(await run([[1], [1.1], [1.2]])).toEqual({ kept: ['1', '1.1', '1.2'], again: 0, apart: 1.2 });
  });

  test('that are more than a quarter from the others are run again', async () => {
    expect(await run([[1], [1.5], [1.1], [1]])).toEqual({ kept: ['1', '1.1', '1'], again: 1, apart: 1.1 });
  });

  test('in which the machine became slower half-way are run again', async () => {
    expect(
      await run([
        [1, 1],
        [1, 1.6],
        [1.1, 1],
        [1, 1],
      ]),
    ).toMatchObject({ kept: ['1,1', '1.1,1', '1,1'], again: 1 });
  });

  test('that never agree come to an end, and it is told how far apart they are', async () => {
    const never = Array.from({ length: 6 }, (_, at) => [2 ** at]);
    const { kept, again, apart } = await run(never);
    expect([kept.length, again]).toEqual([3, 3]);
    expect(apart).toBeGreaterThan(1.25);
  });
});

describe('the table', () => {
  const agreed = { again: 0, apart: 1 };
  const report = (multiple: number, apart = 1): Report => ({
    bundle: { bytes: 1, gzip: 1, startUpMs: 1 },
    latency: [{ target: 'user.me', connections: 1, requests: 1, p50: 1, p95: 1, p99: 1, rps: 1, floor: 'b', multiple }],
    cpu: [],
    rounds: { latency: { again: 0, apart }, cpu: agreed, dispatch: agreed },
    executeToProviderMs: 1,
  });
  const rowOf = (now: Report, others: Report[]) => {
    const [limits] = tablesOf(now, others);
    return [limits?.head[4], ...(limits?.rows.find(([name]) => name === 'user.me')?.slice(1) ?? [])];
  };

  test('says on how many machines a figure was seen, and between what', () => {
    expect(rowOf(report(1.2), [])).toEqual(['on 1 machine', 'b', '1.25', '1.20', '1.20', 'within']);
    expect(rowOf(report(1.2), [report(1.1), report(1.3)])).toEqual([
      'on 3 machines',
      ...['b', '1.25', '1.20', '1.10 to 1.30', 'within'],
    ]);
  });

  test('says that a limit is passed, and that a verdict is worth nothing when the floors disagree', () => {
    expect(rowOf(report(1.3), []).at(-1)).toBe('ABOVE');
    expect(rowOf(report(1.2, 1.4), []).at(-1)).toBe('within, but the floors disagree');
  });

  test('a machine that measures again takes the place of what it measured before', () => {
    const seen = (machine: string, figures: number) => ({ machine, day: '2030-01-01', figures });
    expect(seenWith([seen('one', 1), seen('other', 2)], seen('one', 3))).toEqual([seen('one', 3), seen('other', 2)]);
  });
});

/** `npm run bench -- scale`: how cost and latency grow with the photos of a job, and with a user's history. */

import { IN_ONE_RUN, startBench } from '../start.ts';
import { figure, publish, type Table } from '../tables.ts';
import { byHistory } from './history.ts';
import { byPhotos } from './photos.ts';
import { type Series, slope } from './series.ts';

export async function runScale({ quick, write }: { quick: boolean; write: boolean }): Promise<void> {
  const bench = await startBench({
    entry: 'proving/bench/workers/counting.ts',
    besides: ['proving/bench/workers'],
    vars: IN_ONE_RUN,
  });
  try {
    const photos = await byPhotos(bench, quick ? [1, 10, 50] : [1, 10, 50, 100, 200], quick ? 10 : 40);
    const history = await byHistory(bench, quick ? [10, 1_000] : [10, 1_000, 100_000], quick ? 30 : 150);
    const tables = [
      tableOf('By photos of a job', photos, 'photo'),
      tableOf('By jobs in a user’s history', history, '1,000 rows', 1000),
    ];
    publish(tables, write ? ['SCALE.md', 'scale'] : null, 'npm run bench -- scale');
  } finally {
    await bench.stop();
  }
}

function tableOf(title: string, series: Series[], unit: string, per = 1): Table {
  const at = series[0]?.at ?? [];
  return {
    title,
    head: ['', ...at.map((one) => one.toLocaleString('en')), `for each ${unit} more`],
    rows: series.map((one) => [one.name, ...one.values.map(figure), (slope(one) * per).toFixed(3)]),
  };
}

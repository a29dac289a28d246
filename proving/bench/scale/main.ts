/** `npm run bench -- scale`: how cost and latency grow with the photos of a job, and with a user's history. */

import { startBench } from '../start.ts';
import { circumstances, figure, markdown, plain, type Table, writeSection } from '../tables.ts';
import { byHistory } from './history.ts';
import { byPhotos } from './photos.ts';
import { type Series, slope } from './series.ts';

export async function runScale({ quick, write }: { quick: boolean; write: boolean }): Promise<void> {
  const bench = await startBench({ entry: 'proving/bench/workers/counting.ts', besides: ['proving/bench/workers'] });
  try {
    const photos = await byPhotos(bench, quick ? [1, 10, 50] : [1, 10, 50, 100, 200], quick ? 10 : 40);
    const history = await byHistory(bench, quick ? [10, 1_000] : [10, 1_000, 100_000], quick ? 30 : 150);
    const tables = [
      { title: 'By photos of a job', table: tableOf(photos, 'photo') },
      { title: 'By jobs in a user’s history', table: tableOf(history, '1,000 rows', 1000) },
    ];
    for (const { title, table } of tables) console.log(`\n${title}\n\n${plain(table)}`);
    if (!write) return;
    const text = tables.map(({ title, table }) => `### ${title}\n\n${markdown(table)}`).join('\n\n');
    writeSection('SCALE.md', 'scale', `${circumstances()} Command: \`npm run bench -- scale --write\`.\n\n${text}`);
    console.log('\nwritten into docs/SCALE.md');
  } finally {
    await bench.stop();
  }
}

function tableOf(series: Series[], unit: string, per = 1): Table {
  const at = series[0]?.at ?? [];
  return {
    head: ['', ...at.map((one) => one.toLocaleString('en')), `for each ${unit} more`],
    rows: series.map((one) => [one.name, ...one.values.map(figure), (slope(one) * per).toFixed(3)]),
  };
}

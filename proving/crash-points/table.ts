/** The table of `npm run crash-points`: one line a point, grouped by file, at most 100 columns wide. */
import { clip, columns } from '../../start/table.ts';

export type PointResult = {
  name: string;
  /** Runs that were stopped there and ended settled. */
  before: number;
  after: number;
  /** What went wrong first; null when nothing did. */
  problem: string | null;
};

const WIDTH = 100;
const COLUMNS = [-74, 12, 12];

export function table(points: PointResult[], seconds: number): string {
  const files = Map.groupBy(points, ({ name }) => name.split(':')[0] ?? '');
  const lines = [...files].flatMap(([file, of]) => ['', tableOf(file, of)]);
  const runs = points.reduce((sum, { before, after }) => sum + before + after, 0);
  const bad = points.filter(({ problem }) => problem !== null).length;
  const told = `${points.length} crash points, ${runs} runs settled, ${bad} points not settled, ${seconds.toFixed(0)} s`;
  return [...lines, '', told].join('\n');
}

function tableOf(file: string, points: PointResult[]): string {
  const rows = points.flatMap(({ name, before, after, problem }) => {
    const cell = (runs: number) => (problem === null || runs > 0 ? `settled ×${runs}` : '✘');
    const place = clip(`  ${name.split(':').slice(1).join(' · ')}`, WIDTH - 24);
    const why = problem === null ? [] : [[clip(`    ✘ ${problem}`, WIDTH)]];
    return [[place, cell(before), cell(after)], ...why];
  });
  const [heading, ...rest] = [[clip(`server/src/${file}.ts`, WIDTH - 24), 'before', 'after'], ...rows];
  return columns([heading ?? [], ...rest], COLUMNS, { gap: '', most: WIDTH });
}

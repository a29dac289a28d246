/** The table of `npm run crash-points`: one line a point, grouped by file, at most 100 columns wide. */

export type PointResult = {
  name: string;
  /** Runs that were stopped there and ended settled. */
  before: number;
  after: number;
  /** What went wrong first; null when nothing did. */
  problem: string | null;
};

const WIDTH = 100;
const COLUMN = 12;
const NAME = WIDTH - 2 * COLUMN - 2;

export function table(points: PointResult[], seconds: number): string {
  const lines: string[] = [];
  let file = '';
  for (const point of points) {
    const [of = '', ...rest] = point.name.split(':');
    if (of !== file) lines.push('', heading(of));
    file = of;
    lines.push(row(rest.join(' · '), point));
    if (point.problem !== null) lines.push(cut(`    ✘ ${point.problem}`, WIDTH));
  }
  const runs = points.reduce((sum, { before, after }) => sum + before + after, 0);
  const bad = points.filter(({ problem }) => problem !== null).length;
  lines.push(
    '',
    `${points.length} crash points, ${runs} runs settled, ${bad} points not settled, ${seconds.toFixed(0)} s`,
  );
  return lines.join('\n');
}

const heading = (file: string): string =>
  cut(`server/src/${file}.ts`, NAME + 2).padEnd(NAME + 2) + 'before'.padStart(COLUMN) + 'after'.padStart(COLUMN);

const row = (name: string, { before, after, problem }: PointResult): string =>
  `  ${cut(name, NAME).padEnd(NAME)}${cell(before, problem)}${cell(after, problem)}`;

const cell = (runs: number, problem: string | null): string =>
  (problem === null || runs > 0 ? `settled ×${runs}` : '✘').padStart(COLUMN);

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

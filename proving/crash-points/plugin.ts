/**
 * The Vite plugin behind the `crash` test project: puts a crash point in place of every await of the server's steps, and
 * tells the tests all their names as the module `virtual:crash-points`.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';
import { fromRoot } from '../../start/paths.ts';
import { instrument, type Point, pointsOf } from './enumerate.ts';
import { NOT_STEPS } from './not-steps.ts';

const SOURCE = fromRoot('server', 'src');
const VIRTUAL = 'virtual:crash-points';
/** Environment variable: in how many scenarios to crash at each point. */
export const SCENARIOS_SETTING = 'CRASH_POINTS_SCENARIOS';
/** Environment variable: what a point's name has to hold to be crashed at. */
export const ONLY_SETTING = 'CRASH_POINTS_ONLY';

/** `server/src/queue/consumer.ts` → `queue/consumer`; null for what is no step's source. */
function stepFile(id: string): string | null {
  const relative = path.relative(SOURCE, id.split('?')[0] ?? id).replaceAll(path.sep, '/');
  if (relative.startsWith('..') || !relative.endsWith('.ts')) return null;
  const file = relative.slice(0, -'.ts'.length);
  return NOT_STEPS.some(({ files }) => files.test(file)) ? null : file;
}

/** Every crash point of the source as it lies on disk whose name holds the text. */
export function allPoints(only: string): Point[] {
  return globSync('**/*.ts', { cwd: SOURCE })
    .sort()
    .flatMap((name) => {
      const id = path.join(SOURCE, name);
      const file = stepFile(id);
      return file === null ? [] : pointsOf(file, readFileSync(id, 'utf8'));
    })
    .filter(({ name }) => name.includes(only));
}

/** What the tests import: `npm run crash-points` goes deeper than `npm test`. */
function listing(): string {
  const scenarios = Number(process.env[SCENARIOS_SETTING] ?? 1);
  const depth = { scenarios, loseAll: SCENARIOS_SETTING in process.env };
  const names = allPoints(process.env[ONLY_SETTING] ?? '').map(({ name }) => name);
  return `export const names = ${JSON.stringify(names)};\nexport const depth = ${JSON.stringify(depth)};`;
}

export function crashPoints(): Plugin {
  return {
    name: 'crash-points',
    enforce: 'pre',
    resolveId: (id) => (id === VIRTUAL ? `\0${VIRTUAL}` : null),
    load: (id) => (id === `\0${VIRTUAL}` ? listing() : null),
    transform(code, id) {
      const file = stepFile(id);
      if (file === null) return null;
      const points = pointsOf(file, code);
      return points.length === 0 ? null : { code: instrument(code, points), map: null };
    },
  };
}

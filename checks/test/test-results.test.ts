/** What `npm test` counts, and that a run that hangs at its end is ended, as good as its tests were. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import TestResults, { type EndedModule, type RunResults } from '../test-results.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const moduleOf = (
  file: string,
  states: ('passed' | 'failed' | 'skipped' | 'pending')[],
  state = 'passed',
): EndedModule => ({
  relativeModuleId: file,
  project: { name: 'node' },
  diagnostic: () => ({ duration: 5 }),
  state: () => state,
  children: {
    allTests: () => states.map((one, at) => ({ fullName: `${file} > ${at}`, result: () => ({ state: one }) })),
  },
});

function reporter() {
  const seen: { written: RunResults[]; exits: number[] } = { written: [], exits: [] };
  const results = new TestResults(
    {},
    (code) => void seen.exits.push(code),
    (written) => void seen.written.push(written),
  );
  results.onTestRunStart([{ moduleId: 'a' }, { moduleId: 'b' }]);
  return { results, seen };
}

test('a run that ends by itself is written once, with what went wrong beside the tests', () => {
  const { results, seen } = reporter();
  const [a, b] = [moduleOf('a', ['passed', 'failed', 'skipped', 'pending'], 'failed'), moduleOf('b', [], 'failed')];
  results.onTestModuleEnd(a);
  results.onTestModuleEnd(b);
  results.onTestRunEnd([a, b], [{ message: 'lost' }]);
  vi.advanceTimersByTime(600_000);
  expect(seen.exits).toEqual([]);
  expect(seen.written).toHaveLength(1);
  expect(seen.written[0]).toMatchObject({ ended: true, errors: ['lost'] });
  expect(seen.written[0]?.modules.map(({ broken }) => broken)).toEqual([false, true]);
  expect(seen.written[0]?.modules[0]?.tests.map(({ state }) => state)).toEqual([
    'passed',
    'failed',
    'skipped',
    'failed',
  ]);
});

test.for([
  ['passed', 0],
  ['failed', 1],
] as const)('a run that hangs when its last test has %s is ended with %i', ([state, code]) => {
  const { results, seen } = reporter();
  results.onTestModuleEnd(moduleOf('a', ['passed']));
  vi.advanceTimersByTime(600_000);
  expect(seen.exits).toEqual([]);
  results.onTestModuleEnd(moduleOf('b', [state], state));
  vi.advanceTimersByTime(29_000);
  expect(seen.exits).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(seen.exits).toEqual([code]);
  expect(seen.written[0]).toMatchObject({ ended: false, modules: [{ file: 'a' }, { file: 'b' }] });
});

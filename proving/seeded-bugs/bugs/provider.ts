/** Mistakes of the provider front: what it does other than Runpod, and a simulation that stands on it would get wrong. */
import type { Bug } from '../bug.ts';

const front = (find: string, replace: string): Pick<Bug, 'file' | 'find' | 'replace'> => ({
  file: 'start/provider/front.ts',
  find,
  replace,
});
const tests = ['start/test/provider/runs.test.ts', 'start/test/provider/workers.test.ts'];

export const PROVIDER: Bug[] = [
  {
    name: 'at the provider, who came last is served first',
    ...front('this.#queue.shift()', 'this.#queue.pop()'),
    tests,
  },
  {
    name: 'at the provider, the time in the queue counts as work',
    ...front('this.#timer(run, run.limits.executionMs, ', 'this.#timer(run, run.limits.executionMs - run.startedAt, '),
    tests,
  },
  {
    name: 'at the provider, a run goes on when its time is over',
    ...front("if (status !== 'COMPLETED' && status !== 'FAILED') run", "if (status === 'CANCELLED') run"),
    tests,
  },
  {
    name: 'at the provider, the time to live ends with the queue',
    ...front(
      'this.#timer(run, limits.ttlMs, () => this.#end(',
      'this.#timer(run, limits.ttlMs, () => run.startedAt ?? this.#end(',
    ),
    tests,
  },
  {
    name: 'at the provider, every run that waits brings a worker at once',
    ...front('now - queuedAt >= scaleDelayMs', 'now - queuedAt >= 0'),
    tests,
  },
  {
    name: 'the provider forgets nothing',
    ...front('this.#timer(run, this.#options.keepMs, () => this.#runs.delete(run.id));', 'this.#options.keepMs;'),
    tests,
  },
  {
    name: 'at the provider, a worker that died is given the next run',
    ...front('died = error instanceof WorkerDied;', 'died = died && error instanceof WorkerDied;'),
    tests,
  },
  {
    name: 'at the provider, a canceled run is completed after all',
    ...front(
      "if (run.status !== 'IN_QUEUE' && run.status !== 'IN_PROGRESS') return;",
      "if (run.status === 'COMPLETED') return;",
    ),
    tests,
  },
];

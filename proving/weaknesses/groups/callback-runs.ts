/** Mistakes with the run that a callback names. */
import { server, type Weakness } from './weakness.ts';

const DOOR = server('doors/callback');
const RESULTS = server('domain/job/results');

export const CALLBACK_RUNS: Weakness[] = [
  {
    name: 'whatever stands in the address for a run is passed over',
    changes: [
      {
        file: DOOR,
        find: "if (!run.success) return invalid('attempt', ",
        replace: "if (!run.success && named === '~') return invalid('attempt', ",
      },
    ],
    catches: ['callbacks: a number in the address that is that of no run'],
  },
  {
    name: 'the number in the body counts before the one in the address',
    changes: [
      {
        file: DOOR,
        find: 'results.map((result) => ({ ...result, attempt: run.data }))',
        replace: 'results.map((result) => ({ ...result, attempt: result.attempt ?? run.data }))',
      },
    ],
    catches: [
      'callbacks: results under the number of a run that is still to come: *',
      'callbacks: results under the number of another run: *',
    ],
    got: /the lease of run 1 was renewed/,
  },
  {
    name: 'a result under the number of no run is a sign of life of the first',
    changes: [
      {
        file: RESULTS,
        find: '  const run = attempt == null ? undefined : runOf(job, attempt);',
        replace: '  const run = attempt == null ? undefined : (runOf(job, attempt) ?? runOf(job, 1));',
      },
    ],
    catches: [
      'callbacks: results under the number of a run that is still to come: *',
      'callbacks: a thousand results under numbers that are none keep no silent run alive',
    ],
    got: /the lease of run 1 was renewed/,
  },
];

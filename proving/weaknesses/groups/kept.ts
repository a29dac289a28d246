/** Mistakes with what is kept, and for how long. */
import { server, type Weakness } from './weakness.ts';

const STORE = server('durable-objects/job-coordinator/store');

export const KEPT: Weakness[] = [
  {
    name: 'a job that never ran has a row for each photo',
    changes: [
      { file: server('db/job-history'), find: '  if (hasRun(job)) statements.push(', replace: '  statements.push(' },
    ],
    catches: ['kept: jobs that are made and called off, one after the other: a row each in D1, and empty objects'],
    got: /rows of their photos|it changed d1\/job_items_log/,
  },
  {
    name: 'each late callback has a row of its own',
    changes: [
      {
        file: STORE,
        find: '    if (row === undefined) return false;\n    const known = new Set(',
        replace: '    if (row === undefined || event.items.length > 0) return false;\n    const known = new Set(',
      },
    ],
    catches: ['kept: late results by the thousand, each with other words'],
    got: /rows more|characters more/,
  },
  {
    name: 'signed callbacks that come too early fill the object',
    changes: [
      {
        file: STORE,
        find: '    if (event.items.length === 0) return this.early() >= MAX_EARLY;',
        replace: '    if (event.items.length === 0) return false;',
      },
    ],
    catches: ['kept: signed results by the hundred before the job is executed, and all of them again when it is'],
    got: /rows of \d+ characters/,
  },
  {
    name: 'photos that were lent are never given back, whoever is asked',
    changes: [
      {
        file: server('durable-objects/job-coordinator/clean-up'),
        find: '      await this.#ports.outside.job(job.source.jobId).giveBack(job.jobId);\n',
        replace: '',
      },
      {
        file: server('domain/job/removal'),
        find: 'const dependents = job.dependents.filter((id) => (asked.get(id) ?? null) !== null);',
        replace: 'const { dependents } = job;',
      },
    ],
    catches: ['kept: photos of a deleted job held by jobs that were made from it and called off'],
    got: /the photos are still there/,
  },
  {
    name: 'a repeated create asks the source first, and stops there',
    changes: [
      {
        file: server('rpc/jobs/create-saga'),
        find: '      : await this.#orMadeBefore(jobId, input, plan);',
        replace: '      : plan;',
      },
    ],
    catches: ['kept: a key that was used, for a job whose source is gone: no second job'],
    got: /it is another job/,
  },
];

/** Mistakes with what one account may take from the others in a day. */
import { server, type Weakness } from './weakness.ts';

const CLAIMS = server('durable-objects/user-limiter/claims');
const CEILINGS = server('durable-objects/user-limiter/ceilings');
const RULES = server('durable-objects/user-limiter/rules');

export const LEGAL_CALLS: Weakness[] = [
  {
    name: 'photos count twice against the day of all',
    changes: [
      {
        file: CEILINGS,
        find: "this.#claim('photos', jobId, photos,",
        replace: "this.#claim('photos', jobId, 2 * photos,",
      },
    ],
    catches: ['legal calls: execute repeated, under one key and under others: counted once'],
    got: /counted more than once/,
  },
  {
    name: 'photos that never reached the provider are not given back',
    changes: [
      {
        file: CLAIMS,
        find: '    if (lowering === null) return { ...more, day: use };\n',
        replace: '    if (lowering === null || lowering.reached === 0) return { ...more, day: use };\n',
      },
      // Whether the cancel finds the provider still asked is chance.
      {
        file: server('domain/job/dispatch'),
        find: '  job.charged === null ? job : { ...job, effects: { ...job.effects, unsent:',
        replace: '  job.charged !== -1 ? job : { ...job, effects: { ...job.effects, unsent:',
      },
    ],
    catches: [
      'legal calls: create from a job, execute, cancel, over and over: the day of all is as it was, and others work',
      'legal calls: execute and cancel at the same moment: nothing of everybody’s day stays taken',
    ],
    got: /of everybody's day stay taken/,
  },
  {
    name: 'photos of a deleted user that never reached the provider are not given back',
    changes: [
      {
        file: server('durable-objects/user-limiter/erasure'),
        find: 'return lowering === null ? [] :',
        replace: 'return lowering === null || lowering.reached === 0 ? [] :',
      },
      {
        file: CLAIMS,
        find: 'const lowerings = [...(more.lowerings ?? []), ...(lowering === null ? [] : [{ ...lowering, since }])];',
        replace: 'const lowerings = more.lowerings ?? [];',
      },
    ],
    catches: ['legal calls: a user who executes and deletes himself: what was not sent is given back'],
    got: /of everybody's day stay taken/,
  },
  {
    name: 'a refusal that comes after the end of its job is not told to the user',
    changes: [
      {
        file: server('domain/job/dispatch'),
        find: '  job.charged === null ? job : { ...job, effects: { ...job.effects, unsent:',
        replace: '  job.charged !== -1 ? job : { ...job, effects: { ...job.effects, unsent:',
      },
    ],
    catches: ['legal calls: execute, and cancel while the provider is still asked: what it then refuses is given back'],
    got: /of everybody's day stay taken/,
  },
  {
    name: 'what was sent and not charged is forgotten when the job settles',
    changes: [
      {
        file: server('domain/allowance'),
        find: 'unpaid: use.unpaid + reached - charged }',
        replace: 'unpaid: use.unpaid }',
      },
    ],
    catches: ['legal calls: photos sent and canceled: ALLOWANCE_EXHAUSTED beyond those of the plan, and the job waits'],
  },
  {
    name: 'jobs of a day are not bounded',
    changes: [{ file: server('settings/names'), find: 'FREE_DAILY_JOBS: [30,', replace: 'FREE_DAILY_JOBS: [3_000,' }],
    catches: [
      'legal calls: create and cancel, over and over: RATE_LIMITED beyond the jobs of a day, for that account alone',
    ],
    got: /jobs were created on the free plan's day/,
  },
  {
    name: 'a deleted rule keeps what it said in D1',
    changes: [
      {
        file: RULES,
        find: '{ ...rule, concepts: {}, protect: [], updatedAt: now,',
        replace: '{ ...rule, updatedAt: now,',
      },
    ],
    catches: ['legal calls: rules created and deleted, over and over: bounded by the day, and D1 keeps a name of each'],
    got: /keep what they said/,
  },
  {
    name: 'of two changes of a rule at once one is lost',
    changes: [
      {
        file: server('rpc/routers/rules'),
        find: '(user) => user.updateRule(ctx.session, id, change)',
        replace:
          '(user) =>\n        user.getRule(id).then((known) =>\n          scheduler.wait(100).then(() => known.ok ? user.updateRule(ctx.session, id, { ...known.value, ...change }) : known),\n        )',
      },
    ],
    catches: ['legal calls: two changes of a rule at once: neither is lost'],
    got: /is lost|are lost/,
  },
  {
    name: 'the count of queries is not saved',
    changes: [
      {
        file: server('durable-objects/user-limiter/allowance'),
        find: '    this.#ports.saveMore(more.value);\n    return ok(null);',
        replace: '    return ok(null);',
      },
    ],
    catches: [
      'legal calls: jobs.list in batches of twenty, 700 times',
      'legal calls: user.ledger in batches of twenty, 700 times',
      'legal calls: jobs.estimate in batches of twenty, 700 times',
    ],
    got: /none was refused|were answered/,
  },
];

/** Mistakes by which something is forgotten: alarms, what a later release stored, what D1 is compared with. */
import { type Bug, object, other } from '../bug.ts';

const ALARM = 'server/src/durable-objects/next-alarm.ts';
const MIGRATION = 'server/src/durable-objects/migration.ts';
const JOB_STORE = 'server/src/durable-objects/job-coordinator/store.ts';
const OUTBOX = 'server/src/durable-objects/user-limiter/tables/outbox.ts';
const HOLDS = 'server/src/durable-objects/user-limiter/holds.ts';
const RETRY = 'server/src/domain/retry.ts';

const ROUND = 'server/src/reconcile-round.ts';
const RECONCILE = 'server/src/reconcile.ts';

export const FORGOTTEN: Bug[] = [
  {
    name: 'an alarm counts as set although it could not be',
    file: ALARM,
    find: '      if (isSet) this.#set = time;\n',
    replace: '      this.#set = time;\n',
    tests: [object('lost-alarms')],
  },
  {
    name: 'an object that wakes does not set the alarm that is missing',
    file: ALARM,
    find: '        await this.restore();\n',
    replace: '',
    tests: [object('lost-alarms')],
  },
  {
    name: 'a handler without a next alarm ends as if all were well',
    file: ALARM,
    find: '    if (next !== null && !(await this.atLatest(next)))',
    replace: '    if (next !== null && !(await this.atLatest(next)) && next < 0)',
    tests: [object('lost-alarms')],
  },
  {
    name: 'an alarm that keeps failing never waits longer',
    file: RETRY,
    find: '  const ceiling = Math.min(capMs, 2 * Math.max(baseMs, lateMs));',
    replace: '  const ceiling = Math.min(capMs, 2 * Math.max(baseMs, lateMs > 0 ? baseMs : 0));',
    tests: ['server/test/domain/retry.test.ts', object('lost-alarms')],
  },
  {
    name: 'a job that does not answer is asked every few seconds',
    file: HOLDS,
    find: 'backoffMs(unanswered + 1, Math.random()), unanswered + 1)',
    replace: 'backoffMs(unanswered + 1, Math.random()))',
    tests: [object('lost-alarms')],
  },
  {
    name: 'tables of a later release keep an object from waking',
    file: MIGRATION,
    find: '  for (const { up } of steps.slice(version - 1)) up(sql);\n',
    replace:
      "  if (version > versionOf(schema)) throw new Error('written by a later release');\n  for (const { up } of steps.slice(version - 1)) up(sql);\n",
    tests: [object('migrations')],
  },
  {
    name: 'what a later release stored is stamped with an older number',
    file: JOB_STORE,
    find: 'schema: this.#version }',
    replace: 'schema: versionOf(JOB_SCHEMA) }',
    tests: [object('migrations')],
  },
  {
    name: 'what a later release put into the outbox is thrown away',
    file: OUTBOX,
    find: '`DELETE FROM outbox WHERE seq <= ? AND ${KNOWN}`',
    replace: "'DELETE FROM outbox WHERE seq <= ?'",
    tests: [object('migrations')],
  },
  {
    name: 'how far the round is, is not stored until it is over',
    file: ROUND,
    find: '    const after = await moved(env, round, { at: { userId: reached.userId, job }, tries: 0 });',
    replace: '    const after = round;',
    tests: [other('db', 'reconcile-round')],
  },
  {
    name: 'a user whose jobs fill a page counts as done',
    file: ROUND,
    find: '    const job = unfinished === -1 ? null : (compared.next[unfinished] ?? null);',
    replace: '    const job: string | null = null;',
    tests: [other('db', 'reconcile-round')],
  },
  {
    name: 'a run goes on beside another one',
    file: 'server/src/db/reconcile-round.ts',
    find: '  return meta.changes === 1;',
    replace: '  return meta.changes >= 0;',
    tests: [other('db', 'reconcile-round')],
  },
  {
    name: 'jobs that are gone are asked at every visit',
    file: RECONCILE,
    find: '  if (gone.length > 0) await userOf(env, userId).noteGone(gone);\n',
    replace: '',
    tests: [other('db', 'reconcile-round')],
  },
  {
    name: 'jobs that have ended are left alone',
    file: RECONCILE,
    find: '    if (d1 === charged && settledAt > Date.now() - ATTEND_AFTER) continue;',
    replace: '    if (d1 === charged) continue;',
    tests: [other('db', 'reconcile-round')],
  },
  {
    name: 'the release before this one cannot read what is stored',
    file: 'server/src/durable-objects/job-coordinator/tables.ts',
    find: 'tables: TABLES, steps: [] }',
    replace: "tables: TABLES, steps: [{ id: '2 nothing', up: () => undefined }] }",
    tests: [other('e2e', 'releases')],
  },
];

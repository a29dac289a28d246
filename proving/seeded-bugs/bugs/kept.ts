/** Mistakes with what is kept, and for how long: clean-up, inputs, history, late results; and with settings that go with it. */
import { type Bug, domain, door, object, other, rpc } from '../bug.ts';

const TIMING = 'server/src/domain/job/timing.ts';
const REMOVAL = 'server/src/domain/job/removal.ts';
const CREATE = 'server/src/domain/job/create.ts';
const CLEAN_UP = 'server/src/durable-objects/job-coordinator/clean-up.ts';
const STORE = 'server/src/durable-objects/job-coordinator/store.ts';
const REPLAYS = 'server/src/durable-objects/job-coordinator/replays.ts';
const EFFECTS = 'server/src/durable-objects/job-coordinator/effects.ts';
const HISTORY = 'server/src/db/job-history.ts';
const PRESIGN = 'server/src/storage/presign.ts';

export const KEPT: Bug[] = [
  {
    name: 'a job that never ran is kept like one that did',
    file: TIMING,
    find: '(hasRun(job) ? settings.resultRetentionMs : settings.lastLookMs)',
    replace: 'settings.resultRetentionMs',
    tests: [domain('job/timing'), object('clean-up'), object('last-look')],
  },
  {
    name: 'a job that never ran has a row for each photo',
    file: HISTORY,
    find: '  if (hasRun(job)) statements.push(',
    replace: '  statements.push(',
    tests: [object('clean-up'), object('last-look')],
  },
  {
    name: 'the last look comes when the URL ends',
    file: TIMING,
    find: 'job.putsExpireAt + 1 + settings.lastLookMs;',
    replace: 'job.putsExpireAt + 1;',
    tests: [domain('job/timing'), object('clean-up'), object('last-look')],
  },
  {
    name: 'inputs of a job made from another go with the results of that one',
    file: REMOVAL,
    find: '  const kept = goesAt(job, settings);\n',
    replace: '  const kept = now;\n',
    tests: [domain('job/ending'), rpc('from-job')],
  },
  {
    name: 'nobody gives inputs back',
    file: CLEAN_UP,
    find: '      await this.#ports.outside.job(job.source.jobId).giveBack(job.jobId);\n',
    replace: '',
    tests: [rpc('from-job')],
  },
  {
    name: 'inputs that were given back are waited for',
    file: REMOVAL,
    find: 'dependents.length === 0 ? 0 : (job.inputsUntil ?? 0)',
    replace: '(job.inputsUntil ?? 0)',
    tests: [domain('job/ending'), rpc('from-job')],
  },
  {
    name: 'a clean-up that began before a deletion takes its debt along',
    file: REMOVAL,
    find: "  return job.deletedAt === begun.deletedAt ? effectDone(tidy, 'cleanUp') : decided(tidy, null);",
    replace: "  return begun.deletedAt === undefined ? decided(tidy, null) : effectDone(tidy, 'cleanUp');",
    tests: [domain('job/ending')],
  },
  {
    name: 'each late callback has a row of its own',
    file: STORE,
    find: '    if (row === undefined) return false;\n    const known = new Set(',
    replace: '    if (row === undefined || event.items.length > 0) return false;\n    const known = new Set(',
    tests: [door('late')],
  },
  {
    name: 'signed callbacks that come too early fill the object',
    file: STORE,
    find: '    if (event.items.length === 0) return this.early() >= MAX_EARLY;',
    replace: '    if (event.items.length === 0) return false;',
    tests: [door('late')],
  },
  {
    name: 'a callback that was forgotten counts when it comes again',
    file: REPLAYS,
    find: '    return now < until && this.#store.early() >= MAX_EARLY ? until : null;',
    replace: '    return now < until && this.#store.early() > MAX_EARLY ? until : null;',
    tests: [door('late')],
  },
  {
    name: 'history that an object still holds is forgotten',
    file: HISTORY,
    find: 'coalesce(finished_at, created_at) < ?2 AND job_id NOT IN (',
    replace: "coalesce(finished_at, created_at) < ?2 AND '' NOT IN (",
    tests: [other('db', 'forget')],
  },
  {
    name: 'history has no end',
    file: 'server/src/reconcile.ts',
    find: '  await forgetHistory(',
    replace: '  if (userId === "") await forgetHistory(',
    tests: [other('db', 'forget')],
  },
  {
    name: 'a row that cannot be shown ends the list',
    file: HISTORY,
    find: "         AND preset IN (SELECT value FROM json_each(?5, '$.presets'))\n         AND status IN (SELECT value FROM json_each(?5, '$.statuses'))\n",
    replace: "         AND ?5 <> ''\n",
    tests: [rpc('list')],
  },
  {
    name: 'a repeated create asks the source first, and stops there',
    file: 'server/src/rpc/jobs/create-saga.ts',
    find: '      : await this.#orMadeBefore(jobId, input, plan);',
    replace: '      : plan;',
    tests: [rpc('from-job')],
  },
  {
    name: 'a repeated create with other photos finds the job',
    file: CREATE,
    find: '  return jobId === asked.jobId && (same(',
    replace: '  return jobId === asked.jobId || (same(',
    tests: [domain('job/create'), rpc('from-job')],
  },
  {
    name: 'download URLs are signed before they are asked for by more than their life',
    file: PRESIGN,
    find: 'Math.max(1, Math.min(numbers.DOWNLOAD_ROUNDING_SECONDS, Math.floor(seconds / 2))) * 1000',
    replace: 'numbers.DOWNLOAD_ROUNDING_SECONDS * 1000',
    tests: [other('storage', 'presign')],
  },
  {
    name: 'a slow cancel fails always',
    file: EFFECTS,
    find: "name === 'cancelRuns' || name === 'offer' ? providerMs + effectMs : effectMs",
    replace: "name === 'offer' ? providerMs + effectMs : effectMs",
    tests: [object('effects')],
  },
  {
    name: 'settings that contradict each other are taken',
    file: 'server/src/settings/settings.ts',
    find: '  for (const { name, other, wrong } of contradictions(numbers, isSet).filter(isGood)) {',
    replace: '  for (const { name, other, wrong } of contradictions(numbers, isSet).filter(() => false && isGood)) {',
    tests: [domain('settings')],
  },
];

/** Mistakes with a job's life: results, attempts, leases, deadlines, effects, clean-up. */
import { type Bug, domain, object, queue, rpc } from '../bug.ts';

const RESULTS = 'server/src/domain/job/results.ts';
const DISPATCH = 'server/src/domain/job/dispatch.ts';
const LEASES = 'server/src/domain/job/leases.ts';
const RUN_END = 'server/src/domain/job/run-end.ts';
const ENDING = 'server/src/domain/job/ending.ts';
const TIMING = 'server/src/domain/job/timing.ts';
const TRANSITIONS = 'server/src/domain/job/transitions.ts';
const JOB = 'server/src/durable-objects/job-coordinator/index.ts';
const SHELL = 'server/src/durable-objects/job-coordinator/shell.ts';
const EFFECTS = 'server/src/durable-objects/job-coordinator/effects.ts';
const OUTBOUND = 'server/src/durable-objects/job-coordinator/outbound.ts';
const OWNER = 'server/src/durable-objects/job-coordinator/owner-calls.ts';
const CLEAN_UP = 'server/src/durable-objects/job-coordinator/clean-up.ts';

export const JOBS: Bug[] = [
  {
    name: 'a photo is settled by each of its callbacks',
    file: RESULTS,
    find: "    if ((openItems(next) & bit(result.idx)) === 0n) return { idx: result.idx, outcome: 'duplicate' };\n",
    replace: '',
    tests: [domain('job/results')],
  },
  {
    name: 'a callback after the end changes the job',
    file: RESULTS,
    find: "  if (verdict === 'early' || verdict === 'late') return outOfTime(job, results, verdict, webhook);\n",
    replace: '',
    tests: [domain('job/results')],
  },
  {
    name: 'a foreign output key is taken',
    file: RESULTS,
    find: '  if (result.output_key != null && result.output_key !== outputKey(job, result.idx)) {',
    replace: "  if (result.output_key === '') {",
    tests: [domain('job/results'), object('ending')],
  },
  {
    name: 'a result renews the lease of whatever run its photo is in',
    file: RESULTS,
    find: '  const run = attempt == null ? undefined : runOf(job, attempt);',
    replace:
      '  const run = attempt == null ? undefined : job.runs.find(({ photos }) => (photos & openItems(job)) !== 0n);',
    tests: [domain('job/results')],
  },
  {
    name: 'a redelivered message is dispatched while its lease lives',
    file: DISPATCH,
    find: "  if (run.stage !== 'none') return decided(job, { go: false, reason: 'already dispatched' });\n",
    replace: '',
    tests: [domain('job/dispatch'), queue('consumer')],
  },
  {
    name: 'the message of an old attempt is dispatched',
    file: DISPATCH,
    find: '  const run = runOf(job, attempt);\n  if (run === undefined) return decided',
    replace: '  const run = runOf(job, attempt) ?? job.runs.at(-1);\n  if (run === undefined) return decided',
    tests: [domain('job/dispatch')],
  },
  {
    name: 'a provider run for a job that has ended goes on',
    file: DISPATCH,
    find: '    return decided(cancelRuns(job, [{ providerId, over: false }], now), null);',
    replace: '    return decided(job, null);',
    tests: [domain('job/dispatch')],
  },
  {
    name: 'a dead letter compares no attempt',
    file: DISPATCH,
    find: "  const run = runOf(job, attempt);\n  if (verdictOf(job, 'deadLetter')",
    replace: "  const run = job.runs.at(-1);\n  if (verdictOf(job, 'deadLetter')",
    tests: [domain('job/dispatch'), queue('dead-letter')],
  },
  {
    name: 'a dead letter sends a run again that the provider took',
    file: DISPATCH,
    find: "'deadLetter') === 'ignored' || run === undefined || run.stage !== 'none') {",
    replace: "'deadLetter') === 'ignored' || run === undefined) {",
    tests: [domain('job/dispatch'), queue('dead-letter')],
  },
  {
    name: 'tries have no end',
    file: RUN_END,
    find: '  const gone = open & (tries[settings.maxAttempts - 1] ?? EMPTY);',
    replace: '  const gone = open & (tries[settings.maxAttempts] ?? EMPTY);',
    tests: [domain('job/planning'), domain('job/leases'), object('deadlines')],
  },
  {
    name: 'a lease outlives the URLs of its run',
    file: LEASES,
    find: '  const until = (limit: number) => Math.min(now + settings.leaseMs, run.urlsUntil, limit);',
    replace: '  const until = (_limit: number) => now + settings.leaseMs;',
    tests: [domain('job/leases'), domain('job/machine-runs')],
  },
  {
    name: 'the run of a canceled job is not stopped',
    file: ENDING,
    find: '  const stopped = cancelRuns(job, outRuns(job), now + settings.effectGraceMs);',
    replace: '  const stopped = cancelRuns(job, outRuns(job).slice(1), now + settings.effectGraceMs);',
    tests: [domain('job/ending'), object('ending')],
  },
  {
    name: 'a second cancel charges again',
    file: TRANSITIONS,
    find: "cancel: { repeated: 'answered', otherwise: 'ALREADY_CANCELED' },",
    replace: "cancel: 'allowed',",
    tests: [domain('job/ending')],
  },
  {
    name: 'a cancel that comes again under its key is refused',
    file: ENDING,
    find: "ask(job, 'cancel', idempotencyKey !== null && job.cancelKey === idempotencyKey)",
    replace: "ask(job, 'cancel')",
    tests: [domain('job/transitions')],
  },
  {
    name: 'a job whose photos are all settled owes no look into R2',
    file: TRANSITIONS,
    find: "owes: ['verify'],",
    replace: 'owes: [],',
    tests: [domain('job/transitions'), object('ending')],
  },
  {
    name: 'the end of a run takes a canceled job for one at work',
    file: LEASES,
    find: "  if (verdictOf(job, 'hear') === 'ignored' || run === undefined) return decided(job, null);",
    replace: '  if (run === undefined) return decided(job, null);',
    tests: [domain('job/transitions')],
  },
  {
    name: 'an upload that never ends keeps its credits',
    file: TIMING,
    find: "    if (job.status === 'created') return { kind: 'decided', decision: withdraw(job, 'upload expired', now, settings) };\n",
    replace: "    if (job.status === 'created') return { kind: 'none' };\n",
    tests: [domain('job/timing'), object('deadlines')],
  },
  {
    name: 'the alarm forgets the lease',
    file: TIMING,
    find: 'outRuns(job).flatMap((run) => [run.leaseUntil, askAt(run, settings)]);',
    replace: 'outRuns(job).flatMap((run) => [askAt(run, settings)]);',
    tests: [domain('job/timing')],
  },
  {
    name: 'results are deleted when what is unfinished is',
    file: TIMING,
    find: '  if (job.deletedAt !== null || !isUntidy(job)) return last;',
    replace: '  if (job.deletedAt !== null || !isUntidy(job)) return look;',
    tests: [domain('job/timing'), object('clean-up'), object('last-look')],
  },
  {
    name: 'clean-up goes by who had borrowed the photos when it began',
    file: 'server/src/domain/job/removal.ts',
    find: "  if (job.dependents.some((id) => !asked.has(id))) return decided(job, 'not asked');\n",
    replace: '',
    tests: [object('clean-up'), object('last-look')],
  },
  {
    name: 'the alarm throws',
    file: JOB,
    find: "      log('error', 'job.alarm.failed', { jobId: this.ctx.id.toString(), ...failure(error) });",
    replace: '      throw error;',
    tests: [object('effects'), object('deadlines')],
  },
  {
    name: 'the alarm is not set again after what it did',
    file: JOB,
    find: '    await this.#alarm.afterRun();\n',
    replace: '',
    tests: [object('effects'), object('deadlines'), object('clean-up'), object('last-look')],
  },
  {
    name: 'a commit sets no alarm',
    file: SHELL,
    find: '      this.arm(job, now);\n',
    replace: '',
    tests: [object('deadlines'), object('effects')],
  },
  {
    name: 'a failed effect is not tried again',
    file: EFFECTS,
    find: '      this.#ports.apply((current, now) => effectFailed(current, name, now, clock.random()));',
    replace:
      '      this.#ports.apply((current) => ({ ok: true, job: { ...current, effects: {} }, events: [], reply: null }));',
    tests: [object('effects')],
  },
  {
    name: 'history is forgotten when D1 fails after the settlement',
    file: OUTBOUND,
    find: '      this.#ports.apply((current, now, settings) => settled(current, ledger.credits, ledger.version, now, settings));',
    replace: "      this.#ports.apply((current) => effectDone(current, 'settle'));",
    tests: [object('effects')],
  },
  {
    name: 'a job that was given up can still be created',
    file: OWNER,
    find: "    if (loaded.kind === 'abandoned') {\n      return refuse",
    replace: "    if (loaded.kind === 'job' && loaded.job.jobId === '') {\n      return refuse",
    tests: [object('holds')],
  },
  {
    name: 'inputs go although a job made from them needs them',
    file: CLEAN_UP,
    find: '    if (!(await this.#areUnneeded(job))) return false;\n',
    replace: '    await this.#areUnneeded(job);\n',
    tests: [object('clean-up'), object('last-look'), rpc('from-job')],
  },
  {
    name: 'a photo that is put after the last look stays for ever',
    file: CLEAN_UP,
    find: ' || shell.now() < goneAt(left, shell.settings)) return;',
    replace: ') return;',
    tests: [object('clean-up'), object('last-look')],
  },
];

/** Mistakes with runs: which photos go out when, what uses up a try, what the provider's answers mean, and whose lease is whose. */
import { type Bug, domain, door, object, queue } from '../bug.ts';

const PACE = 'server/src/domain/job/pace.ts';
const PLANNING = 'server/src/domain/job/planning.ts';
const DISPATCH = 'server/src/domain/job/dispatch.ts';
const LEASES = 'server/src/domain/job/leases.ts';
const RUN_END = 'server/src/domain/job/run-end.ts';
const RUNS = 'server/src/domain/job/runs.ts';
const STORED = 'server/src/durable-objects/job-coordinator/stored-job.ts';
const STORE = 'server/src/durable-objects/job-coordinator/store.ts';
const PROVIDER = 'server/src/gpu/provider-call.ts';
const CALLBACK = 'server/src/doors/callback.ts';

export const RUN_MISTAKES: Bug[] = [
  {
    name: 'a run that waits at the provider uses up its lease',
    file: LEASES,
    find: '      return { ...asked, known: true, leaseUntil: until(run.urlsUntil) };',
    replace: '      return { ...asked, known: true };',
    tests: [domain('job/leases'), object('deadlines')],
  },
  {
    name: 'a run that waits at the provider uses up the time that it may work',
    file: LEASES,
    find: '      return { ...asked, known: true, leaseUntil: until(run.urlsUntil) };',
    replace:
      '      return { ...asked, known: true, leaseUntil: until(run.urlsUntil), workUntil: now + workMs(count(run.photos), settings) };',
    tests: [domain('job/leases'), domain('job/planning'), object('deadlines')],
  },
  {
    name: 'a run works for as long as the provider says that it does',
    file: LEASES,
    find: '      const workUntil = run.workUntil ?? now + workMs(count(run.photos), settings);',
    replace: '      const workUntil = now + workMs(count(run.photos), settings);',
    tests: [domain('job/leases'), object('deadlines')],
  },
  {
    name: 'a run that the provider never knew is tried again at once',
    file: LEASES,
    find: "(status === 'forgotten' && run.known)",
    replace: "status === 'forgotten'",
    tests: [domain('job/leases'), object('deadlines')],
  },
  {
    name: 'a run that the provider calls complete has no time for its last results',
    file: LEASES,
    find: "  if (status === 'failed' || (",
    replace: "  if (status === 'failed' || status === 'completed' || (",
    tests: [domain('job/leases'), object('deadlines')],
  },
  {
    name: 'a run that failed at the provider is waited for',
    file: LEASES,
    find: "  if (status === 'failed' || (",
    replace: "  if ((status === 'failed' && now >= run.leaseUntil) || (",
    tests: [domain('job/leases'), object('deadlines')],
  },
  {
    name: 'a run that the provider cannot be asked about is asked about for ever',
    file: LEASES,
    find: '      return { ...asked, mute: true };',
    replace: '      return asked;',
    tests: [domain('job/leases')],
  },
  {
    name: 'the provider is asked as often as ever',
    file: LEASES,
    find: '  return run.askedAt + askMs * 2 ** Math.min(run.asks, MOST_DOUBLINGS);',
    replace: '  return run.askedAt + askMs;',
    tests: [domain('job/leases')],
  },
  {
    name: 'the provider is not told of a run that is given up',
    file: LEASES,
    find: "  return end(status !== 'completed' && !run.over);",
    replace: '  return end(false);',
    tests: [domain('job/leases'), object('deadlines')],
  },
  {
    name: 'a no takes a try',
    file: DISPATCH,
    find: '  const refusals = run.refusals + 1;\n  const due = now + backoffMs(refusals, random, refusedBackoff(settings));\n  const waiting = withRun(back,',
    replace:
      '  if (run.refusals > 0) return endRun(back, run, { cancel: false, reason: null }, now, settings);\n  const refusals = run.refusals + 1;\n  const due = now + backoffMs(refusals, random, refusedBackoff(settings));\n  const waiting = withRun(back,',
    tests: [domain('job/dispatch'), queue('provider-answers')],
  },
  {
    name: 'a no is asked again from the queue',
    file: DISPATCH,
    find: '  const effects = { ...unsent(job.effects), offer: { tries: refusals, due } };',
    replace: '  const effects = { ...unsent(job.effects), send: { tries: refusals, due } };',
    tests: [domain('job/dispatch'), queue('provider-answers')],
  },
  {
    name: 'the wait after a no does not grow',
    file: DISPATCH,
    find: '  const due = now + backoffMs(refusals, random, refusedBackoff(settings));\n  const waiting = withRun(back,',
    replace: '  const due = now + backoffMs(1, random, refusedBackoff(settings));\n  const waiting = withRun(back,',
    tests: [domain('job/dispatch')],
  },
  {
    name: 'the waits after a no go on from those of an older one',
    file: DISPATCH,
    find: "  const sent = withRun(job, { ...run, stage: 'sent', providerId, refusals: 0 });",
    replace: "  const sent = withRun(job, { ...run, stage: 'sent', providerId });",
    tests: [domain('job/dispatch')],
  },
  {
    name: 'a dead letter fails the photos of its run',
    file: DISPATCH,
    find: '  const effects = { ...job.effects, send: { tries: refusals, due } };\n',
    replace:
      "  if (refusals > 0) return { ...endRun(job, run, { cancel: false, reason: 'dead letter' }, now, { ...settings, maxAttempts: 1 }), reply: { sentAgain: false } };\n  const effects = { ...job.effects, send: { tries: refusals, due } };\n",
    tests: [domain('job/dispatch'), queue('dead-letter')],
  },
  {
    name: 'a wrong message uses up no try',
    file: DISPATCH,
    find: '  return endRun(left, run, { cancel: false, reason: said }, now, settings);',
    replace: '  return refuseDispatch(job, attempt, said, now, 0, settings);',
    tests: [domain('job/dispatch'), queue('provider-answers')],
  },
  {
    name: 'halves are not halved',
    file: RUN_END,
    find: '    again: [...job.again, ...halves(left)],',
    replace: '    again: [...job.again, ...(left === EMPTY ? [] : [left])],',
    tests: [domain('job/planning'), domain('job/dispatch')],
  },
  {
    name: 'the last try is not alone',
    file: RUN_END,
    find: '  const left = open & ~gone & ~(tries[settings.maxAttempts - 2] ?? EMPTY);',
    replace: '  const left = open & ~gone;',
    tests: [domain('job/planning'), domain('job/machine-runs')],
  },
  {
    name: 'a run goes out before the one before has begun',
    file: PLANNING,
    find: '  if (out.length >= settings.maxRuns || out.some((run) => !hasBegun(current, run))) return current;',
    replace: "  if (out.length >= settings.maxRuns || out.some((run) => run.stage === 'none')) return current;",
    tests: [domain('job/planning'), domain('job/machine-runs')],
  },
  {
    name: 'a job has as many runs out as it likes',
    file: PLANNING,
    find: '  if (out.length >= settings.maxRuns || out.some((run) => !hasBegun(current, run))) return current;',
    replace: '  if (out.some((run) => !hasBegun(current, run))) return current;',
    tests: [domain('job/planning')],
  },
  {
    name: 'the first run is as large as the others',
    file: PLANNING,
    find: 'return Math.min(firstRunPhotos, share(total, others + 1));',
    replace: 'return Math.max(firstRunPhotos, share(total, others + 1));',
    tests: [domain('job/planning')],
  },
  {
    name: 'the last runs are as large as the others',
    file: PLANNING,
    find: 'Math.min(large, share(count(openItems(job)), maxRuns))',
    replace: 'large',
    tests: [domain('job/planning')],
  },
  {
    name: 'a job has more runs than even ones would be',
    file: PLANNING,
    find: 'Math.max(share(waiting, left), Math.min(',
    replace: 'Math.max(1, Math.min(',
    tests: [domain('job/planning')],
  },
  {
    name: 'what is left is told without the slowest run',
    file: PACE,
    find: 'Math.max(together, ...slowest)',
    replace: 'together',
    tests: [domain('job/pace')],
  },
  {
    name: 'what is left is told without the photos that are in no run',
    file: PACE,
    find: 'Math.max(together, ...slowest)',
    replace: 'Math.max(...slowest)',
    tests: [domain('job/pace')],
  },
  {
    name: 'a pause counts as pace',
    file: PACE,
    find: 'Math.min(ms / photos, MOST * average)',
    replace: 'ms / photos',
    tests: [domain('job/pace')],
  },
  {
    name: 'a job that the provider does not take says when it will be done',
    file: PACE,
    find: ' || isWaiting(job)) return null',
    replace: ') return null',
    tests: [domain('job/pace')],
  },
  {
    name: 'a callback writes the state of the job, since its pace has changed',
    file: STORED,
    find: "'previews', 'pace']",
    replace: "'previews']",
    tests: [domain('job/pace')],
  },
  {
    name: 'the pace is lost when the object sleeps',
    file: STORED,
    find: '{ pace: JSON.parse(fold.pace) as Pace }',
    replace: '{}',
    tests: [domain('job/pace')],
  },
  {
    name: 'nobody who watches is told that the job waits',
    file: 'server/src/domain/job/telling.ts',
    find: ' || (told.waiting ?? false) !== waiting',
    replace: '',
    tests: [domain('job/pace')],
  },
  {
    name: 'a run that is over is still out',
    file: RUNS,
    find: '  return job.runs.filter(({ photos }) => (photos & open) !== EMPTY);',
    replace: '  return open === EMPTY ? [] : job.runs;',
    tests: [domain('job/planning'), domain('job/machine-runs')],
  },
  {
    name: 'attempt in the address is ignored',
    file: CALLBACK,
    find: '  if (run.data == null) return { ok: true, results, isBatch };',
    replace: '  if (run.data !== null || isBatch || !isBatch) return { ok: true, results, isBatch };',
    tests: [door('callback-runs')],
  },
  {
    name: 'the number in the body counts before the one in the address',
    file: CALLBACK,
    find: 'results.map((result) => ({ ...result, attempt: run.data }))',
    replace: 'results.map((result) => ({ ...result, attempt: result.attempt ?? run.data }))',
    tests: [door('callback-runs')],
  },
  {
    name: 'three messages at a time are all of them',
    file: 'server/src/queue/consumer.ts',
    find: '  await Promise.all(Array.from({ length: AT_ONCE }, work));',
    replace: '  await Promise.all(Array.from({ length: AT_ONCE * batch.messages.length }, work));',
    tests: [queue('consumer')],
  },
  {
    name: 'what only the events say of a lease is not read back',
    file: STORED,
    find: '    leaseUntil: leases[run.attempt] ?? run.leaseUntil,',
    replace: '    leaseUntil: run.leaseUntil,',
    tests: [object('rows'), object('deadlines'), object('effects')],
  },
  {
    name: 'a callback writes the state anew',
    file: STORED,
    find: "    return key === 'runs' ? !sameButLeases(before.runs, after.runs) : !FOLD.has(key);",
    replace: '    return !FOLD.has(key);',
    tests: [object('rows')],
  },
  {
    name: 'an event carries the leases of the state before',
    file: STORE,
    find: '    const leases = leasesOf(outRuns(after));',
    replace: '    const leases = leasesOf(outRuns(before ?? after));',
    tests: [object('rows'), object('deadlines'), object('effects')],
  },
  {
    name: 'every error of the provider is taken for a no',
    file: PROVIDER,
    find: "    if (status >= 500 || status === TIMED_OUT) return { kind: 'ambiguous', reason };\n",
    replace: '',
    tests: [queue('provider-answers')],
  },
  {
    name: 'a busy provider may run what it was sent',
    file: PROVIDER,
    find: "    if (BUSY.has(status)) return { kind: 'refused', reason, alert: false };\n",
    replace: '',
    tests: [queue('provider-answers')],
  },
  {
    name: 'RUNNING is no word of the provider',
    file: PROVIDER,
    find: "  ['RUNNING', 'working'],\n",
    replace: '',
    tests: [object('deadlines')],
  },
  {
    name: 'why a run failed is not kept',
    file: PROVIDER,
    find: '{ status, words: `${word}${saidBy(failureIn(said))}` }',
    replace: '{ status }',
    tests: [object('deadlines')],
  },
];

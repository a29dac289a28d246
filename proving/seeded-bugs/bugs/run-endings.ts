/** Mistakes with the end of runs: what is late, what others have done, and what another release makes of it. */
import { type Bug, domain } from '../bug.ts';

const DISPATCH = 'server/src/domain/job/dispatch.ts';
const LEASES = 'server/src/domain/job/leases.ts';
const PROVIDER = 'server/src/gpu/provider-call.ts';

export const RUN_ENDINGS: Bug[] = [
  {
    name: 'the last results of a complete run give it a whole lease',
    file: 'server/src/domain/job/results.ts',
    find: 'run.over ? settings.completeMs : settings.leaseMs',
    replace: 'settings.leaseMs',
    tests: [domain('job/leases')],
  },
  {
    name: 'a run that is heard complete as its lease ends is dead at once',
    file: LEASES,
    find: 'leaseUntil: Math.min(now + settings.completeMs, run.urlsUntil) };',
    replace: 'leaseUntil: Math.min(run.leaseUntil, now + settings.completeMs) };',
    tests: [domain('job/leases')],
  },
  {
    name: 'a run whose photos others have settled stays in the queue of the provider',
    file: 'server/src/domain/job/results.ts',
    find: '  return cancelRuns(after, idle, now);',
    replace: '  return cancelRuns(after, idle.slice(idle.length), now);',
    tests: [domain('job/leases')],
  },
  {
    name: 'the release before is told of the most that any photo was tried',
    file: 'server/src/domain/job/earlier-release.ts',
    find: '(open & ~triedPhotos(job, nth + 1)) === EMPTY',
    replace: '(open & triedPhotos(job, nth + 1)) !== EMPTY',
    tests: [domain('job/earlier-release')],
  },
  {
    name: 'a message claims photos of its run that are not in it',
    file: DISPATCH,
    find: 'openOf(job, run) & (message === undefined ? run.photos : of(message))',
    replace: 'openOf(job, run)',
    tests: [domain('job/dispatch')],
  },
  {
    name: 'an answer without a name counts as taken where every run has one',
    file: PROVIDER,
    find: 'providerId === null && named',
    replace: 'providerId === null && !named',
    tests: ['server/test/queue/provider-answers.test.ts'],
  },
];

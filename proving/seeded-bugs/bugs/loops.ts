/** Mistakes with calls that come again and again, and with words that a later release has stored. */
import { type Bug, domain, object, rpc } from '../bug.ts';

const UPLOADS = 'server/src/domain/job/uploads.ts';
const REVOCATION = 'server/src/domain/revocation.ts';

export const LOOPS: Bug[] = [
  {
    name: 'each call for upload URLs is written down',
    file: UPLOADS,
    find: 'const SAME_END = 1 / 15;',
    replace: 'const SAME_END = 0;',
    tests: [object('loops')],
  },
  {
    name: 'an upload that takes longer than an hour is ended, however often its URLs are asked for',
    file: UPLOADS,
    find: 'Math.max(job.deadline, awaited)',
    replace: 'Math.min(job.deadline, awaited)',
    tests: [domain('job/uploads'), object('deadlines')],
  },
  {
    name: 'whoever goes on asking for upload URLs holds his credits and his slot for ever',
    file: UPLOADS,
    find: 'Math.min(now + createdMs, job.createdAt + createdMaxMs)',
    replace: 'Math.max(now + createdMs, job.createdAt + createdMaxMs - 24 * createdMs)',
    tests: [domain('job/uploads'), object('deadlines')],
  },
  {
    name: 'a job whose time is over gets another hour when its upload URLs are asked for',
    file: UPLOADS,
    find: 'now < job.deadline ? ',
    replace: 'now < job.deadline + createdMs ? ',
    tests: [domain('job/uploads')],
  },
  {
    name: 'a full ceiling is written down each time that it is asked',
    file: 'server/src/durable-objects/user-limiter/claims.ts',
    find: 'const FULL_MS = 10_000;',
    replace: 'const FULL_MS = 0;',
    tests: [object('loops')],
  },
  {
    name: 'a small job waits for the room that a large one did not find',
    file: 'server/src/durable-objects/user-limiter/claims.ts',
    find: 'full.day === day && full.photos <= photos && ',
    replace: 'full.day === day && ',
    tests: [object('loops')],
  },
  {
    name: 'revocations are not counted',
    file: 'server/src/domain/allowance.ts',
    find: 'return ok({ ...use, revocations: revocations + 1 });',
    replace: 'return ok(use);',
    tests: [rpc('revocation')],
  },
  {
    name: 'a revocation whose answer was lost locks its user out',
    file: REVOCATION,
    find: '  return issuedAt >= revoked.from && now - revoked.at <= repeatMs;',
    replace: '  return false;',
    tests: [rpc('revocation')],
  },
  {
    name: 'a session that was ended comes back in by a repeated revocation without its key',
    file: REVOCATION,
    find: 'revoked === undefined || revoked.key !== key || ',
    replace: 'revoked === undefined || ',
    tests: [rpc('revocation')],
  },
  {
    name: 'a session from before comes back in by a repeated revocation',
    file: REVOCATION,
    find: 'issuedAt >= revoked.from && ',
    replace: '',
    tests: [rpc('revocation')],
  },
  {
    name: 'a revocation can be repeated for ever',
    file: REVOCATION,
    find: ' && now - revoked.at <= repeatMs',
    replace: '',
    tests: [rpc('revocation')],
  },
  {
    name: 'a rule in words of a later release breaks the list of all',
    file: 'server/src/durable-objects/user-limiter/rules.ts',
    find: 'this.#ports.rules().filter(isShowable).map(viewOf)',
    replace: 'this.#ports.rules().map(viewOf)',
    tests: [rpc('later-words')],
  },
  {
    name: 'an account on a plan of a later release is an error',
    file: 'server/src/domain/plans.ts',
    find: ' => PLAN_IDS.find((known) => known === plan) ?? SIGN_UP_PLAN;',
    replace: ' => plan as PlanId;',
    tests: [rpc('later-words')],
  },
  {
    name: 'an export ends at a job whose words are not known',
    file: 'server/src/rpc/jobs/shown.ts',
    find: 'concepts: shape.concepts.safeParse(concepts).data ?? null,',
    replace: 'concepts,',
    tests: [rpc('later-words')],
  },
  {
    name: 'an allowance of photos below those of one job is taken',
    file: 'server/src/settings/contradictions.ts',
    find: '...RULES, ...UNPAID, ',
    replace: '...RULES, ',
    tests: [domain('settings')],
  },
  {
    name: 'an estimate promises a job beyond those of the day',
    file: 'server/src/durable-objects/user-limiter/account.ts',
    find: 'admitted.ok && user !== null ? this.#ports.jobCreated(user) : admitted;',
    replace: 'admitted;',
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
];

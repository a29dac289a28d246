/** Mistakes with what one account may take from the others in a day. */
import { type Bug, domain, object, rpc } from '../bug.ts';

const DAY = 'server/src/domain/allowance.ts';
const COUNTS = 'server/src/durable-objects/user-limiter/allowance.ts';
const CLAIMS = 'server/src/durable-objects/user-limiter/claims.ts';
const CEILINGS = 'server/src/durable-objects/user-limiter/ceilings.ts';
const RULES = 'server/src/durable-objects/user-limiter/rules.ts';

export const ALLOWANCE: Bug[] = [
  {
    name: 'photos in flight do not count against the allowance',
    file: DAY,
    find: 'if (use.unpaid + open + photos <= limit)',
    replace: 'if (use.unpaid + photos <= limit)',
    tests: [domain('allowance')],
  },
  {
    name: 'what was sent and not charged is forgotten when the job settles',
    file: DAY,
    find: 'unpaid: use.unpaid + reached - charged }',
    replace: 'unpaid: use.unpaid }',
    tests: [domain('allowance'), object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'photos that never reached the GPU stay taken from the day of all',
    file: CLAIMS,
    find: '    if (lowering === null) return { ...more, day: use };\n',
    replace: '    if (lowering === null || lowering.reached === 0) return { ...more, day: use };\n',
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'a claim is lowered again with each repeat',
    file: CEILINGS,
    find: '          this.#ports.kept.lowerClaim(day, jobId, reached);\n',
    replace: '',
    tests: [object('repeats'), object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'a claim that comes after it was given back is counted',
    file: CEILINGS,
    find: 'if (claimed === null) this.#ports.kept.insertClaim(day, jobId, 0);\n',
    replace: 'if (claimed === null) continue;\n',
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'what is owed to the day of all is forgotten before it was heard',
    file: CLAIMS,
    find: "      log('warn', 'ceilings.lower.failed', { userId: this.#ports.user()?.userId, ...failure(error) });\n      return;\n",
    replace: "      log('warn', 'ceilings.lower.failed', { userId: this.#ports.user()?.userId, ...failure(error) });\n",
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'photos taken back by a refused dispatch stay counted',
    file: 'server/src/domain/job/dispatch.ts',
    find: ', sent: Math.max(0, sentPhotos(job) - claimed.handed) }',
    replace: ' }',
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'work whose beginner is gone is waited for for ever',
    file: 'server/src/under-way.ts',
    find: 'known !== undefined && this.#now() - known.since < mostMs',
    replace: 'known !== undefined',
    tests: [domain('under-way')],
  },
  {
    name: 'the count of queries is not saved',
    file: COUNTS,
    find: '    this.#ports.saveMore(more.value);\n    return ok(null);',
    replace: '    return ok(null);',
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'of two changes of a rule at once one is lost',
    file: 'server/src/rpc/routers/rules.ts',
    find: '(user) => user.updateRule(ctx.session, id, change)',
    replace:
      '(user) =>\n        user.getRule(id).then((known) =>\n          known.ok ? user.updateRule(ctx.session, id, { ...known.value, ...change }) : known,\n        )',
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'a rule made again under its key takes another slot',
    file: RULES,
    find: "return isShowable(known) && isMadeFrom(known, draft) ? ok(viewOf(known)) : keyUsed('for another rule');",
    replace: 'void isMadeFrom;',
    tests: [object('repeats')],
  },
  {
    name: 'a rule deleted twice is not found the second time',
    file: RULES,
    find: 'return this.#wasDeleted(user, id) ? ok(null) : ruleNotFound();',
    replace: 'return ruleNotFound();',
    tests: [object('repeats')],
  },
  {
    name: 'a deleted rule keeps what it said in D1',
    file: RULES,
    find: '{ ...rule, concepts: {}, protect: [], updatedAt: now,',
    replace: '{ ...rule, updatedAt: now,',
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'a list asks the object of each job that ended lately',
    file: 'server/src/rpc/jobs/list.ts',
    find: '  if (ended != null) {',
    replace: '  if (ended != null && ended.total === 0) {',
    tests: [rpc('list')],
  },
  {
    name: 'a deleted job stays on the list of those that ended lately',
    file: 'server/src/durable-objects/user-limiter/history.ts',
    find: '    if (shown)\n',
    replace: '    if (!shown)\n',
    tests: [rpc('list')],
  },
];

/** Mistakes with the database and the users of an earlier service. */
import { type Bug, object, other, rpc } from '../bug.ts';

const ADOPT = ['start/test/adopt/adopt.test.ts'];
const IMPORT = [other('db', 'adopt')];
const OPERATOR = 'server/src/durable-objects/user-limiter/operator.ts';

export const ADOPTING: Bug[] = [
  {
    name: 'a row with the key of one before it stops the adoption',
    file: 'start/adopt/odd.ts',
    find: "'adopted_nth > 1'),",
    replace: "'adopted_nth > 2'),",
    tests: ADOPT,
  },
  {
    name: 'a rule that the earlier service had deleted comes back',
    file: 'start/adopt/odd.ts',
    find: "const gone = name === 'users' || name === 'rules' ?",
    replace: "const gone = name === 'users' ?",
    tests: ADOPT,
  },
  {
    name: 'seconds are taken for milliseconds',
    file: 'start/adopt/values.ts',
    find: 'BETWEEN 1e8 AND 99999999999',
    replace: 'BETWEEN 1e8 AND 9999999999 AND 0',
    tests: ADOPT,
  },
  {
    name: 'a time of SQLite is taken for no time',
    file: 'start/adopt/values.ts',
    find: "GLOB '[0-9][0-9][0-9][0-9]-[0-9]*'",
    replace: "GLOB '[0-9][0-9][0-9][0-9]-[0-9]*T*'",
    tests: ADOPT,
  },
  {
    name: 'a table that others refer to stays, and the migration takes their rows along',
    file: 'start/adopt/shape.ts',
    find: 'if ([...shape.tables.values()].some(({ references }) => references.includes(name))) return false;',
    replace: '',
    tests: ADOPT,
  },
  {
    name: 'an adoption that was stopped carries rows over twice',
    file: 'start/adopt/plan.ts',
    find: '      `DELETE FROM ${draft}`,\n',
    replace: '',
    tests: ADOPT,
  },
  {
    name: 'views stay, and the migration stops at them',
    file: 'start/adopt/plan.ts',
    find: "      if (type !== 'index') return true;",
    replace: "      if (type !== 'index') return type === 'trigger';",
    tests: ADOPT,
  },
  {
    name: 'odd rows are carried over and nobody is told',
    file: 'start/adopt/plan.ts',
    find: '      ...noting(odd, source),\n',
    replace: '',
    tests: ADOPT,
  },
  {
    name: 'what the events of the earlier service lack is written with each try',
    file: 'start/adopt/import.ts',
    find: "SELECT 'grant:' || id || ':plan:' || plan,",
    replace: "SELECT 'grant:' || id || ':plan:' || plan || random(),",
    tests: IMPORT,
  },
  {
    name: 'a rule that no object can hold counts in D1 all the same',
    file: 'start/adopt/import.ts',
    find: '...(rules.length === 0 ? [] : [mark])',
    replace: '...(rules.length < 0 ? [mark] : [])',
    tests: IMPORT,
  },
  {
    name: 'an adopted user has the credits of his plan besides his own',
    file: OPERATOR,
    find: 'const account = { ...openedWith(credits), plan: plan as PlanId };',
    replace: 'const account = { ...grant(openedWith(), credits), plan: plan as PlanId };',
    tests: [rpc('adopt')],
  },
  {
    name: 'the device of an adopted user has its free credits once more',
    file: 'server/src/durable-objects/user-limiter/ceilings.ts',
    find: 'if (given < credits) return 0;',
    replace: 'if (given === 0) return 0;',
    tests: [rpc('adopt')],
  },
  {
    name: 'a plan that an adopted user has is paid for again',
    file: OPERATOR,
    find: 'const had = plan === SIGN_UP_PLAN || plan === user.account.plan;',
    replace: 'const had = plan === SIGN_UP_PLAN;',
    tests: [rpc('adopt')],
  },
  {
    name: 'an object of an earlier service is taken for one of ours by the name of its table',
    file: 'server/src/durable-objects/tables.ts',
    find: "finds(storage, 'name = ? AND instr(sql, ?)', name, sign)",
    replace: "finds(storage, 'name = ?', name)",
    tests: [object('foreign')],
  },
  {
    name: 'an object of an earlier service wakes, and the log does not say so',
    file: 'server/src/durable-objects/user-limiter/user-role.ts',
    find: '    if (this.#isForeign()) return;\n',
    replace: '',
    tests: [object('foreign')],
  },
];

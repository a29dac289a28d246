/** Mistakes with credits. */
import { type Bug, domain, object, other, rpc } from '../bug.ts';

const LEDGER = 'server/src/domain/ledger.ts';
const ENDING = 'server/src/domain/job/ending.ts';
const OPERATOR = 'server/src/durable-objects/user-limiter/operator.ts';
const HOLDS = 'server/src/durable-objects/user-limiter/holds.ts';

export const MONEY: Bug[] = [
  {
    name: 'a second settlement refunds again',
    file: LEDGER,
    find: '    return ok({ account, hold, changed: false });\n  }\n  if (command.charged < 0',
    replace: '  }\n  if (command.charged < 0',
    tests: [domain('ledger'), object('user-limiter')],
  },
  {
    name: 'the whole hold is charged, whatever is done',
    file: LEDGER,
    find: '      spent: account.spent + command.charged,',
    replace: '      spent: account.spent + hold.amount,',
    tests: [domain('ledger')],
  },
  {
    name: 'settling does not check that a hold was settled at another charge',
    file: LEDGER,
    find: '    if (hold.charged !== command.charged) {',
    replace: '    if (false as boolean) {',
    tests: [domain('ledger')],
  },
  {
    name: 'the same key with other photos is taken as a repeat',
    file: LEDGER,
    find: 'if (existing.amount !== command.amount || existing.preset !== command.preset) {',
    replace: 'if (existing.preset !== command.preset) {',
    tests: [domain('ledger'), rpc('idempotency')],
  },
  {
    name: 'a repeated create reserves twice',
    file: LEDGER,
    find: '    return ok({ account, hold: existing, changed: false });\n',
    replace: '',
    tests: [domain('ledger'), rpc('idempotency')],
  },
  {
    name: 'a job may cost more than is left',
    file: LEDGER,
    find: '  if (account.balance < photos) {',
    replace: '  if (account.balance < 0) {',
    tests: [domain('ledger')],
  },
  {
    name: 'one more job than the plan allows',
    file: LEDGER,
    find: '  if (taking.length >= plan.activeJobs) {',
    replace: '  if (taking.length > plan.activeJobs) {',
    tests: [domain('ledger')],
  },
  {
    name: 'a settled hold is forgotten',
    file: HOLDS,
    find: '    return user.recent.length === 0 ? null : this.#ports.receipt(jobId);',
    replace: '    return null;',
    tests: [object('user-limiter'), object('holds')],
  },
  {
    name: 'a reservation without a check time in the alarm',
    file: HOLDS,
    find: '      await this.#ports.wakeBy(checkAt);\n',
    replace: '',
    tests: [object('holds'), object('user-limiter')],
  },
  {
    name: 'a hold is freed without asking its job',
    file: HOLDS,
    find: '      if (lives) this.#postpone(jobId, this.#ports.limits().createdMs);\n      else {',
    replace: '      {',
    tests: [object('holds')],
  },
  {
    name: 'a grant is given once more with each repeat',
    file: OPERATOR,
    find: '    if (this.#ports.grant(key) === null && amount > 0) {',
    replace: '    if (amount > 0) {',
    tests: [object('user-limiter')],
  },
  {
    name: 'the plan of a user changes without the outbox row for D1',
    file: 'server/src/durable-objects/user-limiter/store.ts',
    find: "      if (granted !== null) this.#grant(granted);\n      this.#tellOf('user', user.userId);\n",
    replace: '      if (granted !== null) this.#grant(granted);\n',
    tests: [object('user-limiter')],
  },
  {
    name: 'D1 is told of a change only when something else wakes the object',
    file: 'server/src/durable-objects/user-limiter/projection.ts',
    find: '    void this.#ports.wakeBy(this.#ports.now() + this.#ports.delayMs());\n',
    replace: '',
    tests: [object('user-limiter')],
  },
  {
    name: 'a photo without a result in R2 is charged',
    file: ENDING,
    find: '  const done = job.done & look.results;',
    replace: '  const done = job.done;',
    tests: [domain('job/ending'), object('ending')],
  },
  {
    name: 'a cancel charges nothing of what is done',
    file: ENDING,
    find: '  if (job.done === 0n) return decided(charge(ended, 0, now, settings), null, [event]);',
    replace: '  if (job.photos.length > 0) return decided(charge(ended, 0, now, settings), null, [event]);',
    tests: [domain('job/ending'), object('ending')],
  },
  {
    name: 'a cancel is answered before its slot is free',
    file: 'server/src/durable-objects/job-coordinator/owner-calls.ts',
    find: "    await effects.perform(call.requestId, 'fresh', MONEY);\n",
    replace: '',
    tests: [object('ending'), object('effects')],
  },
  {
    name: 'a canceled job keeps its slot while R2 does not answer',
    file: ENDING,
    find: 'verify: pending, freeSlot: pending }',
    replace: 'verify: pending }',
    tests: [domain('job/ending'), object('slots')],
  },
  {
    name: 'a slot that is free frees the credits as well',
    file: LEDGER,
    find: '  if (hold.settledAt !== null) {',
    replace: '  if (hold.settledAt !== null || hold.slotFree) {',
    tests: [domain('ledger')],
  },
  {
    name: 'tables of an earlier release stay as they were',
    file: 'server/src/durable-objects/migration.ts',
    find: 'for (const { up } of steps.slice(version - 1)) up(sql);',
    replace: 'for (const { up } of steps.slice(version)) up(sql);',
    tests: [object('migrations')],
  },
  {
    name: 'D1 takes an older state of a user',
    file: 'server/src/db/accounts.ts',
    find: '       WHERE excluded.version >= users.version`,',
    replace: '       WHERE 1 = 1`,',
    tests: [other('db', 'history'), object('user-limiter')],
  },
  {
    name: 'credits in D1 go back when an old settlement comes late',
    file: 'server/src/db/job-history.ts',
    find: 'WHERE id = ?1 AND version < ?3',
    replace: 'WHERE id = ?1',
    tests: [other('db', 'history')],
  },
];

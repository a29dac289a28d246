/** Mistakes that only an answer shows that comes late: after the caller's time limit, after the end of a job, after the time of a key. */
import { type Bug, domain, object, other, queue, rpc } from '../bug.ts';

const double = 'client-sdk/test/testing/jobs.test.ts';
const USER = 'server/src/durable-objects/user-limiter';

export const LATE: Bug[] = [
  {
    name: 'a job that does not answer in time counts as one that never was',
    file: `${USER}/outside.ts`,
    find: "(await limited('abandon', () => job(jobId).abandon())).lives,",
    replace:
      "(\n      await limited('abandon', () => job(jobId).abandon()).catch((error: Error) => ({ lives: !error.message.includes('took longer') }))\n    ).lives,",
    tests: ['proving/lives/part-1.test.ts'],
  },
  {
    name: 'a refusal by the provider that comes after the end of its job is told to nobody',
    file: 'server/src/domain/job/dispatch.ts',
    find: '  job.charged === null ? job : { ...job, effects: { ...job.effects, unsent:',
    replace: '  job.charged !== -1 ? job : { ...job, effects: { ...job.effects, unsent:',
    tests: [domain('job/dispatch'), object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'what the provider may yet refuse is forgotten when the job settles',
    file: `${USER}/claims.ts`,
    find: 'const more = unsure === 0 ? before : withUnsure(before, [claim], since);',
    replace: 'const more = unsure === 0 || claim.reached > 0 ? before : withUnsure(before, [claim], since);',
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'what the provider may yet refuse of a deleted user is forgotten',
    file: `${USER}/erasure.ts`,
    find: 'return claim === undefined || !end?.unsure ? [] :',
    replace: 'return claim === undefined || !end?.unsure || end.sent > 0 ? [] :',
    tests: [object('allowance'), object('unsent-photos'), object('uncharged-photos')],
  },
  {
    name: 'a sign-up key from the future leads back to its account when its time has come',
    file: 'server/src/domain/sign-up.ts',
    find: "age === 'timeless' && timeOfKey(key) !== null ? `ahead:${key}` : key;",
    replace: "age === 'late' ? `ahead:${key}` : key;",
    tests: [rpc('opening'), rpc('sign-up-keys')],
  },
  {
    name: 'receipts of jobs that charged nothing stay for ever',
    file: `${USER}/tables/receipt.ts`,
    find: 'AND charged = 0 AND settled_at < ? AND gone_at IS NOT NULL',
    replace: 'AND charged < 0 AND settled_at < ? AND gone_at IS NOT NULL',
    tests: [other('db', 'forget')],
  },
  {
    name: 'receipts of what was charged are forgotten as well',
    file: `${USER}/tables/receipt.ts`,
    find: 'AND charged = 0 AND settled_at < ? AND gone_at IS NOT NULL',
    replace: 'AND charged >= 0 AND settled_at < ? AND gone_at IS NOT NULL',
    tests: [other('db', 'forget')],
  },
  {
    name: 'calls to the provider have no name',
    file: 'server/src/gpu/provider-call.ts',
    find: "{ accept: 'application/json', 'user-agent': USER_AGENT }",
    replace: "{ accept: 'application/json' }",
    tests: [queue('consumer')],
  },
  {
    name: 'the test double goes on telling whoever watches with a revoked session',
    file: 'client-sdk/src/testing/account.ts',
    find: 'inside.endWatching(epoch)',
    replace: 'inside.endWatching(epoch - epoch)',
    tests: ['client-sdk/test/conformance/double.test.ts'],
  },
  {
    name: 'the test double answers before what was reported has had its effect',
    file: 'client-sdk/src/testing/server.ts',
    find: '    await world.idle();\n',
    replace: '',
    tests: [double],
  },
  {
    name: 'the test double moves no alarm to an earlier time',
    file: 'client-sdk/src/testing/job.ts',
    find: '        this.#disarm();\n',
    replace: '        if (this.#alarm.time !== null) return;\n',
    tests: [double, 'client-sdk/test/testing/server.test.ts'],
  },
  {
    name: 'the test double writes what the server logs to the console',
    file: 'client-sdk/src/testing/job.ts',
    find: 'const log = () => {};',
    replace: 'const log = (...line: unknown[]) => console.log(line);',
    tests: [double],
  },
  {
    name: 'the test double forgets a job with its results',
    file: 'client-sdk/src/testing/job.ts',
    find: '(found.value ?? this.#past)',
    replace: 'found.value',
    tests: [double],
  },
  {
    name: 'the test double remembers no receipt of a settled job',
    file: 'client-sdk/src/testing/account-store.ts',
    find: '      receipts.set(jobId, hold);\n',
    replace: '',
    tests: [double],
  },
  {
    name: 'the test double never tells the ceilings what was not sent',
    file: 'client-sdk/src/testing/account.ts',
    find: '    background(this.claims.work());\n',
    replace: '    void background;\n',
    tests: ['client-sdk/test/testing/accounts.test.ts'],
  },
];

/** Mistakes with a user's deletion and export. */
import { type Bug, rpc } from '../bug.ts';

const ERASURE = 'server/src/durable-objects/user-limiter/erasure.ts';
const ACCESS = 'server/src/durable-objects/user-limiter/access.ts';

export const ERASURES: Bug[] = [
  {
    name: 'a deleted user is wiped before his last URL has ended',
    file: ERASURE,
    find: '    if (this.#ports.now() <= this.#goneBy(erasing)) return;\n',
    replace: '',
    tests: [rpc('delete-user')],
  },
  {
    name: 'a deleted user comes back with a token of the day before',
    file: ACCESS,
    find: '    return user?.more.erasing === undefined ? user : null;',
    replace: '    return user;',
    tests: [rpc('delete-user')],
  },
  {
    name: 'a job that is on its way outlives its deleted user',
    file: 'server/src/durable-objects/job-coordinator/inside-calls.ts',
    find: '    if (held) this.abandon();\n',
    replace: '',
    tests: [rpc('delete-user')],
  },
  {
    name: 'only the first jobs of a long history go with their user',
    file: ERASURE,
    find: '    for (let step = 0; step < STEPS; step++) if (await this.#ports.eraseRows(userId)) return;\n',
    replace: '    if (await this.#ports.eraseRows(userId) || STEPS > 0) return;\n',
    tests: [rpc('delete-user')],
  },
  {
    name: 'an export leaves out the photos as they were uploaded',
    file: 'server/src/durable-objects/job-coordinator/view.ts',
    find: "  const kept = job.status !== 'created' && !job.inputsGone;",
    replace: "  const kept = job.status === 'created' && !job.inputsGone;",
    tests: [rpc('export')],
  },
];

/** Mistakes that meet whoever tries the project for the first time: its commands, its examples, the stack on his machine. */
import { type Bug, other } from '../bug.ts';

export const FIRST_MINUTE: Bug[] = [
  {
    name: 'a command waits for a watchdog that does not keep it alive',
    file: 'start/local/children.ts',
    find: '    this.#watchdog.ref();\n',
    replace: '',
    tests: ['start/test/children.test.ts'],
  },
  {
    name: 'a command that is interrupted leaves what it has open',
    file: 'start/ending.ts',
    find: 'Promise.allSettled([...open].map((end) => end())).then(exit)',
    replace: 'Promise.resolve().then(exit)',
    tests: ['start/test/ending.test.ts'],
  },
  {
    name: 'an answer as a stream begins before the body is read',
    file: 'server/src/rpc/handler.ts',
    find: "request.method === 'POST' ? await readJson(request, MAX_RPC_BODY) : ok('');\n  const body = sent.ok ? sent.value : '';\n  const read = request.method === 'POST' ? withText(request, body) : request;",
    replace: "ok('');\n  const body = sent.ok ? sent.value : '';\n  const read = request;",
    tests: [other('e2e', 'batch-stream')],
  },
  {
    name: 'the Python worker goes by the name that Cloudflare refuses',
    file: 'examples/gpu_worker.py',
    find: '"User-Agent": USER_AGENT, ',
    replace: '',
    tests: [other('e2e', 'examples')],
  },
];

/** Mistakes that the suites of others and the documents notice: bad JSON at the doors, tokens in other texts, what stock clients rely on. */
import { type Bug, other } from '../bug.ts';

const suite = (folder: string, name: string): string => `proving/suites/${folder}/${name}.test.ts`;

export const SUITES: Bug[] = [
  {
    name: 'a body that is no JSON is answered as an error of ours',
    file: 'server/src/rpc/errors.ts',
    find: "    case 'PARSE_ERROR':\n    case 'BAD_REQUEST':\n",
    replace: '',
    tests: [suite('json', 'doors')],
  },
  {
    name: 'a callback that is no JSON throws',
    file: 'server/src/doors/callback.ts',
    find: "    return invalid('body', 'is not JSON');",
    replace: "    throw new Error('the body is not JSON');",
    tests: [suite('json', 'doors')],
  },
  {
    name: "a watcher's frame that is no JSON throws inside the object",
    file: 'server/src/wire/watch-frames.ts',
    find: "  } catch {\n    return { kind: 'malformed' };",
    replace: '  } catch (error) {\n    throw error;',
    tests: [suite('json', 'doors')],
  },
  {
    name: 'a session token is good in any text for the same bytes',
    file: 'server/src/security/session-token.ts',
    find: '  if (!COMPACT.test(token)) return [];\n',
    replace: '',
    tests: [suite('jws', 'doors')],
  },
  {
    name: 'a socket whose time is over is closed as if its job had ended',
    file: 'server/src/durable-objects/job-coordinator/watchers.ts',
    find: "this.#lines.close(line, CLOSE.goingAway, 'come back with a fresh ticket');",
    replace: "this.#lines.close(line, CLOSE.done, 'come back with a fresh ticket');",
    tests: [suite('trpc', 'ws')],
  },
  {
    name: 'a GPU worker is sent a message without what its schema promises',
    file: 'server/src/gpu/message.ts',
    find: "    preview_url: put(item.preview_key, 'image/jpeg'),\n",
    replace: '',
    tests: [other('e2e', 'docs')],
  },
];

/** Types of `env` and `exports` from `cloudflare:workers`, as the tests see them. */
import type { D1Migration } from 'cloudflare:test';
import type { Env as WorkerEnv } from '../../../server/src/bindings.ts';

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {
      TEST_MIGRATIONS: D1Migration[];
    }
    interface GlobalProps {
      mainModule: typeof import('../../../server/src/index.ts');
    }
  }
}

/** `npm run load`: builds the client package, which the clients of a run are made of, and then runs it: see run.ts and options.ts. */
import { buildClientSdk } from '../../client-sdk/build-if-stale.ts';

try {
  await buildClientSdk();
  await import('./run.ts');
} catch (error) {
  console.error(`✘ ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

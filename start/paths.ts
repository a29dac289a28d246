/** Where things lie in the repository. */
import path from 'node:path';

export const ROOT = path.dirname(import.meta.dirname);
export const fromRoot = (...parts: string[]): string => path.join(ROOT, ...parts);
/** Everything that scripts generate, and that git ignores. */
export const GENERATED = fromRoot('.wrangler');
/** Started with `process.execPath`: the launchers in node_modules/.bin are shell scripts on Windows. */
export const WRANGLER = fromRoot('node_modules', 'wrangler', 'bin', 'wrangler.js');

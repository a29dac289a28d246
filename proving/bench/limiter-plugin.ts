/**
 * Rate limits that are counted in memory, as the platform does (workers/limiter-in-memory.js), as a plugin of Miniflare. Miniflare's own
 * binding asks an object that writes to disk and, for each new key, looks through all the others: floor (g), as much as a whole poll of
 * ours takes. So it stays out of what is measured, and the floor says what it would add.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const NAME = 'limiter-in-memory';
const TYPE = 'limiter';
const MODULE = 's3-bench:limiter-in-memory';

/** As wrangler's reading of wrangler.toml has it. */
type RateLimits = Record<string, { simple: { limit: number; period: number } }>;

/** The same worker with its rate limits counted in memory. */
export function countInMemory<W extends object>(worker: W): W {
  const plugin = { package: import.meta.filename, name: NAME };
  const { ratelimits = {} } = worker as { ratelimits?: RateLimits };
  const unsafeBindings = Object.entries(ratelimits).map(([name, { simple }]) => ({
    name,
    type: TYPE,
    plugin,
    options: { ...simple },
  }));
  return { ...worker, ratelimits: {}, unsafeBindings };
}

type Options = { config: { env?: Record<string, { type: string; dev?: { options?: Record<string, number> } }> } };

const limitersOf = ({ config }: Options) =>
  Object.entries(config.env ?? {}).filter(([, { type }]) => type === `unsafe:${TYPE}`);

/** What Miniflare looks for in the module that a binding names. */
export const plugins = {
  [NAME]: {
    getBindings: (options: Options) =>
      limitersOf(options).map(([name, { dev }]) => ({
        name,
        wrapped: {
          moduleName: MODULE,
          innerBindings: Object.entries(dev?.options ?? {}).map(([inner, value]) => ({
            name: inner,
            json: JSON.stringify(value),
          })),
        },
      })),
    getNodeBindings: (options: Options) => Object.fromEntries(limitersOf(options).map(([name]) => [name, null])),
    getServices: () => [],
    getExtensions: () => {
      const file = path.join(import.meta.dirname, 'workers', 'limiter-in-memory.js');
      return [{ modules: [{ name: MODULE, esModule: readFileSync(file, 'utf8'), internal: true }] }];
    },
  },
};

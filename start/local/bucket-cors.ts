/** The bucket's CORS rule as it is set in production (start/deploy/r2-cors.json, with origins from the settings), answered on this machine as R2 does. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { fromRoot } from '../paths.ts';

/** What `wrangler r2 bucket cors set --file` takes. */
const rulesFile = z.strictObject({
  rules: z.tuple([
    z.strictObject({
      allowed: z.strictObject({
        origins: z.array(z.string()),
        methods: z.array(z.string()),
        headers: z.array(z.string()),
      }),
      exposeHeaders: z.array(z.string()),
      maxAgeSeconds: z.number(),
    }),
  ]),
});
export type CorsRule = z.infer<typeof rulesFile>['rules'][0];

/** @param origins of pages on this machine, allowed beside those of the file; `*` allows all */
export function bucketCors(origins: readonly string[]): CorsRule {
  const [rule] = rulesFile.parse(JSON.parse(readFileSync(fromRoot('start', 'deploy', 'r2-cors.json'), 'utf8'))).rules;
  return { ...rule, allowed: { ...rule.allowed, origins: [...rule.allowed.origins, ...origins] } };
}

/** Headers for an answer that a page on `origin` may read; none where the rule does not allow it. */
export function corsHeaders(
  { allowed, exposeHeaders }: CorsRule,
  origin: string | undefined,
  method: string,
): Record<string, string> {
  if (origin === undefined || !allowed.methods.includes(method)) return {};
  if (!allowed.origins.some((one) => one === '*' || one === origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': exposeHeaders.join(', '),
    vary: 'Origin',
  };
}

/**
 * The answer to a preflight: its headers, or null when the rule does not allow what was asked for.
 * @param asked `Access-Control-Request-Headers`
 */
export function preflight(
  rule: CorsRule,
  origin: string,
  method: string,
  asked: string,
): Record<string, string> | null {
  const { methods, headers } = rule.allowed;
  const names = asked.split(',').map((name) => name.trim().toLowerCase());
  const known = headers.map((name) => name.toLowerCase());
  const cors = corsHeaders(rule, origin, method);
  if (!('vary' in cors) || !names.every((name) => name === '' || known.includes(name))) return null;
  return {
    ...cors,
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': headers.join(', '),
    'access-control-max-age': String(rule.maxAgeSeconds),
  };
}

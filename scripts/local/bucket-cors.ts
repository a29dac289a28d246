/** The bucket's CORS rule as it is set in production (r2-cors.json), answered on this machine for pages of every origin. */
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

export function bucketCors(): CorsRule {
  return rulesFile.parse(JSON.parse(readFileSync(fromRoot('r2-cors.json'), 'utf8'))).rules[0];
}

/** Headers for an answer that a page on `origin` may read. */
export function corsHeaders({ exposeHeaders }: CorsRule, origin: string): Record<string, string> {
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
  if (!methods.includes(method) || !names.every((name) => name === '' || headers.includes(name))) return null;
  return {
    ...corsHeaders(rule, origin),
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': headers.join(', '),
    'access-control-max-age': String(rule.maxAgeSeconds),
  };
}

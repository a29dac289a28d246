/** What wrangler prints, read: JSON where it has some, its tables and errors elsewhere (as of the version that package.json pins). */
import * as z from 'zod';
import type { Answer } from './wrangler.ts';

/** Refusals that say that something is not there, by the words or the codes of Cloudflare's API. */
const ABSENT = {
  worker: /Worker "[^"]*"[^\n]* not found|has no deployments|\[code: 10007\]/,
  queue: /Queue "[^"]*" does not exist/,
  bucket: /\[code: 10006\]/,
  cors: /\[code: 10059\]/,
};
export const isAbsent = ({ code, stderr }: Answer, what: keyof typeof ABSENT): boolean =>
  code !== 0 && ABSENT[what].test(stderr);

/** Throws what wrangler said when it did not do what it was asked. */
export function done(answer: Answer, asked: string): string {
  if (answer.code === 0) return answer.stdout;
  const said = `${answer.stderr}\n${answer.stdout}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/Logs were written|open an issue at/.test(line));
  throw new Error(`${asked}: ${said.slice(0, 6).join(' ')}`);
}

const json = <T extends z.ZodType>(shape: T, text: string): z.infer<T> => shape.parse(JSON.parse(text));

const account = z.object({ id: z.string(), name: z.string() });
const whoami = z.discriminatedUnion('loggedIn', [
  z.object({ loggedIn: z.literal(true), accounts: z.array(account) }),
  z.object({ loggedIn: z.literal(false) }),
]);
export type Account = z.infer<typeof account>;

/** `whoami --json`: null for nobody. It prints JSON and ends with 1 when nobody is logged in. */
export function readAccounts(answer: Answer): Account[] | null {
  const start = answer.stdout.indexOf('{');
  if (start < 0) return null;
  const who = json(whoami, answer.stdout.slice(start));
  return who.loggedIn ? who.accounts : null;
}

const database = z.object({ uuid: z.string(), name: z.string() });
export type Database = z.infer<typeof database>;
/** `d1 list --json` */
export const readDatabases = (stdout: string): Database[] => json(z.array(database), stdout);

/** `d1 execute --json` of one statement. */
export function readRows(stdout: string): Record<string, unknown>[] {
  const [answer] = json(z.tuple([z.object({ results: z.array(z.record(z.string(), z.unknown())) })]), stdout);
  return answer.results;
}

/** `secret list`: names. */
export const readSecrets = (stdout: string): string[] =>
  json(z.array(z.object({ name: z.string() })), stdout).map(({ name }) => name);

const deployment = z.object({ versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })).min(1) });
export type Traffic = { version: string; percentage: number };
/** `deployments status --json`: what answers requests today, the most of them first. */
export const readTraffic = (stdout: string): Traffic[] =>
  json(deployment, stdout)
    .versions.map(({ version_id, percentage }) => ({ version: version_id, percentage }))
    .toSorted((a, b) => b.percentage - a.percentage);

const version = z.object({
  resources: z.object({
    bindings: z.array(
      z.object({
        type: z.string(),
        name: z.string(),
        class_name: z.string().optional(),
        namespace_id: z.string().optional(),
      }),
    ),
    script_runtime: z.object({ migration_tag: z.string().optional() }).optional(),
  }),
});
export type Running = {
  /** Of the objects' migrations; null when none was applied, or Cloudflare does not say. */
  tag: string | null;
  /** Classes of objects with the ids of their namespaces. */
  classes: Record<string, string>;
  /** Plain settings, which a deployment replaces. */
  vars: string[];
};
/** `versions view ID --json` */
export function readVersion(stdout: string): Running {
  const { bindings, script_runtime } = json(version, stdout).resources;
  const objects = bindings.filter(({ type }) => type === 'durable_object_namespace');
  return {
    tag: script_runtime?.migration_tag ?? null,
    classes: Object.fromEntries(objects.map(({ class_name = '?', namespace_id = '?' }) => [class_name, namespace_id])),
    vars: bindings.flatMap(({ type, name }) => (type === 'plain_text' || type === 'json' ? [name] : [])),
  };
}

/** `queues info`: the Workers that consume a queue. */
export function readConsumers(stdout: string): string[] {
  const [, list = ''] = /^Consumers: ?(.*)$/m.exec(stdout) ?? [];
  return list.split(',').flatMap((one) => {
    const [, script] = /^\s*worker:(\S+)\s*$/.exec(one) ?? [];
    return script === undefined ? (one.trim() === '' ? [] : [one.trim()]) : [script];
  });
}

/** A thing of a list, as wrangler prints one: a line for each of its values, `label:  value`. */
export type Labelled = Record<string, string>;
/** `r2 bucket cors list` and `lifecycle list`: rules, one after an empty line. Sentences around them are none. */
export function readLabelled(stdout: string): Labelled[] {
  const rules = stdout.split(/\n\s*\n/).map((block) =>
    Object.fromEntries(
      block.split('\n').flatMap((line) => {
        const [, label, value] = /^([a-z_]+): {2,}(.*)$/.exec(line) ?? [];
        return label === undefined ? [] : [[label, value?.trim() ?? '']];
      }),
    ),
  );
  return rules.filter((rule) => Object.keys(rule).length > 0);
}

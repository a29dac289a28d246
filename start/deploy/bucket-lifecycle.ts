/**
 * The net below the jobs' own clean-up: lifecycle rules of the bucket (start/deploy/r2-lifecycle.json), set at each deployment. They delete what no job
 * knows of any more, such as a photo whose PUT arrived after the last look, and must never delete what one still needs.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { experimental_readRawConfig } from 'wrangler';
import * as z from 'zod';
import { fromRoot } from '../paths.ts';

export const LIFECYCLE_FILE = fromRoot('start', 'deploy', 'r2-lifecycle.json');

const DAY_MS = 86_400_000;
/** Between a time that a job has noted and the deletion by its alarm: retries, an outage, a day's quota that is used up. */
const MARGIN_DAYS = 7;

/** Seconds. Objects count from their PUT. */
const age = z.strictObject({ type: z.literal('Age'), maxAge: z.int().min(86_400) });
const transition = z.strictObject({ condition: age });
const named = { id: z.string().min(1).max(255), enabled: z.literal(true) };
/** What `wrangler r2 bucket lifecycle set --file` takes, as far as it is used here. */
const rulesFile = z.strictObject({
  rules: z.array(
    z.union([
      z.strictObject({
        ...named,
        conditions: z.strictObject({ prefix: z.string().regex(/^[a-z]+\/$/, 'is no folder of ours') }),
        deleteObjectsTransition: transition,
      }),
      z.strictObject({
        ...named,
        conditions: z.strictObject({ prefix: z.literal('') }),
        abortMultipartUploadsTransition: transition,
      }),
    ]),
  ),
});

/** Milliseconds, by the names of the settings. */
export type Retention = Record<
  | 'JOB_CREATED_MS'
  | 'JOB_CREATED_MAX_MS'
  | 'JOB_UPLOADED_MS'
  | 'JOB_EXECUTION_MS'
  | 'JOB_INPUT_RETENTION_MS'
  | 'JOB_RESULT_RETENTION_MS'
  | 'JOB_LEND_MS',
  number
>;

/** Days for which an object in each folder may be needed, from its PUT. */
export function daysNeeded(numbers: Retention): Record<string, number> {
  const uploading = Math.max(numbers.JOB_CREATED_MS, numbers.JOB_CREATED_MAX_MS);
  const life = uploading + numbers.JOB_UPLOADED_MS + numbers.JOB_EXECUTION_MS;
  const kept = life + Math.max(numbers.JOB_INPUT_RETENTION_MS, numbers.JOB_RESULT_RETENTION_MS);
  const days = (ms: number) => Math.ceil(ms / DAY_MS);
  // Photos stay for every job that is made from them, and the last may be made when they have been there for JOB_LEND_MS.
  const photos = days(numbers.JOB_LEND_MS + kept);
  return { 'inputs/': photos, 'outputs/': days(kept), 'previews/': days(kept), 'masks/': days(kept) };
}

/** What is wrong with the rules; empty when they may be set. */
export function lifecycleProblems(text: string, numbers: Retention): string[] {
  let parsed: z.infer<typeof rulesFile>;
  try {
    parsed = rulesFile.parse(JSON.parse(text));
  } catch (error) {
    return [
      `start/deploy/r2-lifecycle.json is not what wrangler takes: ${error instanceof Error ? error.message : String(error)}`,
    ];
  }
  const problems: string[] = [];
  const ids = parsed.rules.map(({ id }) => id);
  if (new Set(ids).size < ids.length) problems.push('r2-lifecycle.json has two rules of one id');
  const needed = daysNeeded(numbers);
  for (const [folder, days] of Object.entries(needed)) {
    const ages = parsed.rules.flatMap((rule) =>
      'deleteObjectsTransition' in rule && rule.conditions.prefix === folder
        ? [rule.deleteObjectsTransition.condition.maxAge / 86_400]
        : [],
    );
    if (ages.length === 0) problems.push(`start/deploy/r2-lifecycle.json has no rule for ${folder}`);
    const shortest = Math.min(...ages);
    if (shortest < days + MARGIN_DAYS) {
      problems.push(
        `start/deploy/r2-lifecycle.json deletes ${folder} after ${shortest} days: by the settings they are needed for ${days}, and ${MARGIN_DAYS} more for their clean-up`,
      );
    }
  }
  const folders = parsed.rules.flatMap((rule) => ('deleteObjectsTransition' in rule ? [rule.conditions.prefix] : []));
  for (const folder of folders) {
    if (needed[folder] === undefined)
      problems.push(`start/deploy/r2-lifecycle.json has a rule for ${folder}, where nothing lies`);
  }
  if (!parsed.rules.some((rule) => 'abortMultipartUploadsTransition' in rule)) {
    problems.push('r2-lifecycle.json leaves incomplete multipart uploads');
  }
  return problems;
}

type Section = { vars?: Record<string, unknown>; r2_buckets?: { bucket_name?: string }[] };
export type Deployment = { bucket: string; numbers: Retention };

/** What wrangler.toml deploys. @param environment its section `env.NAME`; the top level when left out */
export async function readDeployment(environment?: string): Promise<Deployment> {
  const { rawConfig } = experimental_readRawConfig({ config: fromRoot('wrangler.toml') });
  const section = environment === undefined ? rawConfig : rawConfig.env?.[environment];
  if (section === undefined) throw new Error(`wrangler.toml has no section env.${environment}`);
  const { vars = {}, r2_buckets } = section as Section;
  const bucket = r2_buckets?.[0]?.bucket_name;
  if (bucket === undefined) throw new Error('wrangler.toml names no bucket');
  const given = Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, String(value)]));
  return { bucket, numbers: await numbersOf(given) };
}

/** The settings as the Worker reads them. Its code is loaded at run time: its types need those of Workers, which programs of Node have none of. */
export async function numbersOf(vars: Record<string, string>): Promise<Retention> {
  const settings: { parseSettings(vars: Record<string, string>, production: boolean): { numbers: Retention } } =
    await import(pathToFileURL(fromRoot('server', 'src', 'settings', 'settings.ts')).href);
  const secrets = ['JWT_SECRET', 'GPU_CALLBACK_SECRET', 'R2_ACCOUNT_ID', 'R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY'];
  const standIns = Object.fromEntries(secrets.map((name) => [name, 'stand-in']));
  return settings.parseSettings({ ...standIns, ...vars }, false).numbers;
}

/** Problems of the file as it is, for what wrangler.toml deploys. */
export const lifecycleFileProblems = ({ numbers }: Deployment): string[] =>
  lifecycleProblems(readFileSync(LIFECYCLE_FILE, 'utf8'), numbers);

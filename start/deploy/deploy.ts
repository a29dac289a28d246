/** A deployment from looking to proof. What it runs and asks comes from outside, so that it is tested without an account. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GENERATED } from '../paths.ts';
import { done, readDatabases } from './answers.ts';
import { LIFECYCLE_FILE, lifecycleFileProblems, numbersOf } from './bucket-lifecycle.ts';
import { corsInWords, corsRules, lifecycleInWords, lifecycleRules } from './bucket-rules.ts';
import type { Seen } from './canary.ts';
import { type Found, lookAround, trafficOf } from './look.ts';
import { type Plan, planOf, type Step, type Wanted } from './plan.ts';
import { type ProofLimits, prove } from './proof.ts';
import { migrationProblem, pendingMigrations } from './schema.ts';
import { type Missing, missingSecrets, SECRET_NAMES, valuesOf, withoutValues } from './secrets.ts';
import { settingProblems, settingsParser } from './settings.ts';
import { readTarget, readToml, type Target, withDatabaseId } from './target.ts';
import type { Terminal } from './terminal.ts';
import { commandOf, commandsOf, tableOf, wayBack } from './words.ts';
import type { Wrangler } from './wrangler.ts';

export type Asked = { environment: string | null; plan: boolean; yes: boolean };
export type Around = {
  env: NodeJS.ProcessEnv;
  wrangler: Wrangler;
  terminal: Terminal;
  say: (text: string) => void;
  /** Where wrangler.toml lies. */
  toml: string;
  /** Folder for what was made at random. */
  kept: string;
  buildStudio: (environment: string | null) => Promise<unknown>;
  canary: (baseUrl: string, limitMs: number) => Promise<Seen>;
  limits: ProofLimits;
};

/** Exit code: 0 deployed and proved, or planned; 1 something is wrong; 2 nobody agreed. */
export async function deploy(asked: Asked, around: Around): Promise<number> {
  const { env } = around;
  // Whatever wrangler, the service or an error says of them, nobody reads them here.
  const secret = new Set(SECRET_NAMES.flatMap((name) => env[name]?.trim() || []));
  const say = (text: string) => around.say(withoutValues(text, secret));
  try {
    return await deployQuietly(asked, { ...around, say }, (values) => {
      for (const value of values) secret.add(value);
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(withoutValues(message, secret));
  }
}

/** @param hide is told values that come to be known */
async function deployQuietly(
  { environment, plan: isPlanOnly, yes }: Asked,
  around: Around,
  hide: (values: string[]) => void,
): Promise<number> {
  const { wrangler, terminal, say, env } = around;
  const target = readTarget(environment, around.toml);
  const found = await lookAround(target, wrangler);
  if (found === null) {
    say(
      '✘ wrangler is not logged in: npx wrangler login, or CLOUDFLARE_API_TOKEN (docs/DEPLOY.md says with which rights)',
    );
    return 1;
  }
  const missing = missingSecrets(target.required, found.worker?.secrets ?? [], env, terminal.isThere);
  const plan = planOf(target, found, await wantedOf(target, found, missing, env));
  say(`${environment ?? 'production'}\n\n${tableOf(plan)}\n`);
  for (const note of plan.notes) say(`• ${note}`);
  if (isPlanOnly) say(`What would be typed:\n\n${commandsOf(plan, target)}\n`);
  for (const problem of plan.problems) say(`✘ ${problem}`);
  if (plan.problems.length > 0) return 1;
  if (isPlanOnly) return 0;
  if (!yes && !terminal.isThere) {
    say('✘ nobody can be asked here: --yes deploys without, --plan only shows');
    return 2;
  }
  if (!yes && !(await terminal.confirm(`Deploy ${target.worker}, as it stands above?`))) {
    say('Nothing was changed.');
    return 2;
  }
  // Before anything is changed: whoever has no value to give has changed nothing.
  const values = await valuesOf(missing, env, terminal.secret);
  hide(Object.values(values));
  keepMade(missing, values, target, around);
  return await carryOut(plan, target, found, values, around);
}

/** What is wanted of the parts that stand in files and settings, and what is wrong with these. */
async function wantedOf(
  target: Target,
  found: Found,
  missing: readonly Missing[],
  env: NodeJS.ProcessEnv,
): Promise<Wanted> {
  const parse = await settingsParser();
  const given = Object.fromEntries(
    missing.flatMap(({ name, from }) => (from === 'given' ? [[name, env[name]?.trim() ?? '']] : [])),
  );
  const toCome = missing.flatMap(({ name, from }) => (from === 'given' ? [] : [name]));
  const settings = settingProblems(target, [...(found.worker?.secrets ?? []), ...toCome], given, parse);
  // Days are counted from the numbers: wrong ones have been told.
  const days =
    settings.length > 0 ? [] : lifecycleFileProblems({ bucket: target.bucket, numbers: await numbersOf(target.vars) });
  const { database } = target;
  const schema = found.schema ?? { statements: [], applied: [] };
  const stops = migrationProblem(database.migrations, schema);
  const cors = corsRules(target.vars);
  const corsFile = path.join(GENERATED, 's3-deploy', `cors-${target.worker}.json`);
  mkdirSync(path.dirname(corsFile), { recursive: true });
  writeFileSync(corsFile, JSON.stringify(cors));
  return {
    cors: corsInWords(cors.rules),
    lifecycle: lifecycleInWords(lifecycleRules()),
    corsFile: relative(corsFile),
    lifecycleFile: relative(LIFECYCLE_FILE),
    pending: pendingMigrations(database.migrations, schema.applied),
    missing,
    problems: [...settings, ...days, ...(stops === null ? [] : [`${stops}: npm run adopt -- --check says what to do`])],
    accountId: env.CLOUDFLARE_ACCOUNT_ID ?? null,
  };
}

const relative = (file: string): string => path.relative(path.dirname(GENERATED), file).split(path.sep).join('/');

async function carryOut(
  plan: Plan,
  target: Target,
  found: Found,
  values: Record<string, string>,
  around: Around,
): Promise<number> {
  const { say } = around;
  let isDeployed = false;
  for (const step of plan.steps) {
    say(`\n› ${commandOf(step, target)}`);
    try {
      const seen = await carryOutStep(step, target, found, values, around);
      for (const line of seen.said) say(`  ${line}`);
      if (!seen.ok) {
        say(`\n✘ it is deployed, and does not work. ${wayBack(target, found)}`);
        return 1;
      }
    } catch (error) {
      say(`✘ ${error instanceof Error ? error.message : String(error)}`);
      if (step.kind === 'wrangler' && step.args[1] === 'migrations') say(ROWS);
      say(
        isDeployed
          ? `The Worker is deployed. ${wayBack(target, found)}\nOr put it right and run this again: ${GOES_ON}`
          : `The Worker is as it was. Put it right and run this again: ${GOES_ON}`,
      );
      return 1;
    }
    if (step.kind === 'wrangler' && step.args[0] === 'deploy') isDeployed = true;
  }
  say(`\n✔ ${target.worker} is deployed, and a photo went through`);
  return 0;
}

/** Cloudflare shows no secret again, and whoever rotates one needs the old value. */
function keepMade(
  missing: readonly Missing[],
  values: Record<string, string>,
  { worker }: Target,
  { kept, say }: Around,
): void {
  const made = missing.filter(({ from }) => from === 'made').map(({ name }) => name);
  if (made.length === 0) return;
  mkdirSync(kept, { recursive: true });
  const file = path.join(kept, `made-${worker}-${Date.now()}.json`);
  const text = JSON.stringify(Object.fromEntries(made.map((name) => [name, values[name]])), null, 2);
  writeFileSync(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
  say(`${made.join(', ')}: the values are in ${file}. Keep them where you keep secrets, and delete the file.`);
}

const GOES_ON = 'it goes on where it stopped.';
/** Its tables were tried, empty. */
const ROWS = 'If a row of an earlier service stops it: npm run adopt -- --check';

const WENT: Seen = { ok: true, said: [] };

async function carryOutStep(
  step: Step,
  target: Target,
  found: Found,
  values: Record<string, string>,
  { wrangler, say, toml, buildStudio, canary, limits }: Around,
): Promise<Seen> {
  const show = (text: string) => say(text.trimEnd());
  switch (step.kind) {
    case 'wrangler':
      done(await wrangler(step.args, { show }), step.args.join(' '));
      return WENT;
    case 'write id': {
      const id = step.id ?? (await idOf(target.database.name, wrangler));
      writeFileSync(toml, withDatabaseId(readToml(toml), target.environment, id));
      return { ok: true, said: [`database_id = "${id}": commit wrangler.toml`] };
    }
    case 'secrets':
      done(await wrangler(step.args, { input: JSON.stringify(values), show }), step.args.join(' '));
      return WENT;
    case 'studio':
      await buildStudio(target.environment);
      return WENT;
    case 'proof': {
      const [before] = found.worker?.traffic ?? [];
      const baseUrl = target.vars.PUBLIC_BASE_URL ?? '';
      return await prove({
        baseUrl,
        before: before?.version ?? null,
        traffic: () => trafficOf(target, wrangler),
        canary: () => canary(baseUrl, limits.canary),
        limits,
      });
    }
  }
}

async function idOf(name: string, wrangler: Wrangler): Promise<string> {
  const all = readDatabases(done(await wrangler(['d1', 'list', '--json']), 'wrangler d1 list'));
  const made = all.find((one) => one.name === name);
  if (made === undefined)
    throw new Error(`${name} was made, and is not in the list of databases: run this again in a moment`);
  return made.uuid;
}

/** From what is there to what has to be done: no I/O. */
import type { Labelled, Running } from './answers.ts';
import { areSame, inShort } from './bucket-rules.ts';
import type { Found } from './look.ts';
import type { Missing } from './secrets.ts';
import { envArgument, type Target } from './target.ts';

/** One thing to do. Everything that changes something is one of these. */
export type Step =
  | { kind: 'wrangler'; args: string[] }
  /** The id of the database goes into wrangler.toml; null when it is known only once the step before has made it. */
  | { kind: 'write id'; id: string | null }
  | { kind: 'secrets'; args: string[]; names: string[] }
  | { kind: 'studio' }
  | { kind: 'proof' };

export type Row = { what: string; there: string; todo: string };
export type Plan = {
  rows: Row[];
  steps: Step[];
  /** What has to be put right first; while there is one nothing is done. */
  problems: string[];
  /** What whoever deploys should know, and what stops nothing. */
  notes: string[];
};

export type Wanted = {
  cors: Labelled[];
  lifecycle: Labelled[];
  /** Files for wrangler, as they are typed. */
  corsFile: string;
  lifecycleFile: string;
  pending: readonly string[];
  missing: readonly Missing[];
  /** Of settings, secrets, rules and migrations, found by others. */
  problems: readonly string[];
  /** Whose rights are used, when the environment says so. */
  accountId: string | null;
};

const NOTHING = '—';

export function planOf(target: Target, found: Found, wanted: Wanted): Plan {
  const parts = [account(target, found, wanted), worker(target, found), ...objects(target, found)];
  parts.push(database(target, found, wanted));
  parts.push(...target.queues.map((name) => queue(name, target, found)), bucket(target, found));
  parts.push(secrets(target, found, wanted), cors(target, found, wanted), lifecycle(target, found, wanted));
  const deploy: Step[] = [{ kind: 'studio' }, { kind: 'wrangler', args: ['deploy', envArgument(target)] }];
  const [before, after] = [parts.flatMap((part) => part.before ?? []), parts.flatMap((part) => part.after ?? [])];
  return {
    rows: parts.map(({ row }) => row),
    steps: [...before, ...deploy, ...after, { kind: 'proof' }],
    problems: [...parts.flatMap(({ problems = [] }) => problems), ...wanted.problems],
    notes: parts.flatMap(({ notes = [] }) => notes),
  };
}

type Part = {
  row: Row;
  /** Before the Worker is deployed, and after it. */
  before?: Step[];
  after?: Step[];
  problems?: string[];
  notes?: string[];
};

const run = (...args: string[]): Step => ({ kind: 'wrangler', args });

function account({ vars }: Target, { accounts }: Found, { accountId }: Wanted): Part {
  const used = accountId === null ? accounts : accounts.filter(({ id }) => id === accountId);
  const row = { what: 'account', there: used.map(({ name, id }) => `${name} ${id}`).join(', '), todo: NOTHING };
  const { R2_ACCOUNT_ID: own } = vars;
  if (used.length === 0)
    return { row, problems: [`CLOUDFLARE_ACCOUNT_ID is ${accountId}, to which this log-in has no access`] };
  if (own === undefined || used.some(({ id }) => id === own)) return { row };
  return { row, problems: [`R2_ACCOUNT_ID is ${own}, and the account is ${used.map(({ id }) => id).join(' or ')}`] };
}

function worker(target: Target, { worker }: Found): Part {
  const { tags, classes, vars } = target;
  const what = `Worker ${target.worker}`;
  const running = worker?.running ?? null;
  if (running === null) {
    const there = worker === null ? 'none' : 'nothing deployed';
    return { row: { what, there, todo: `deploy, migration ${tags.at(-1)}` } };
  }
  const [first, ...rest] = worker?.traffic ?? [];
  const there = `version ${first?.version}, migration ${running.tag ?? 'not told'}`;
  const isNew = isBehind(running, target);
  const row = { what, there, todo: isNew ? `deploy, migration ${tags.at(-1)}` : 'deploy' };
  const isKnown = running.tag === null || tags.includes(running.tag);
  const foreign = Object.keys(running.classes).filter((name) => !classes.includes(name));
  const lost = running.vars.filter((name) => !(name in vars));
  return {
    row,
    problems: isKnown
      ? []
      : [
          `the Worker that runs has the migration tag ${running.tag}, which is none of wrangler.toml's (${tags.join(', ')}): wrangler would apply all of them again (docs/DEPLOY.md, "A used account")`,
        ],
    notes: [
      ...(rest.length > 0 ? [`${rest.length + 1} versions share the requests now: this deployment ends that`] : []),
      ...foreign.map(
        (name) => `objects of the class ${name} are there, and none of ours: they stay, and nobody calls them`,
      ),
      ...(lost.length > 0 ? [`set there and not in wrangler.toml, gone after this: ${lost.join(', ')}`] : []),
    ],
  };
}

/** Classes of objects, with the namespaces in which theirs lie. */
function objects({ classes }: Target, { worker }: Found): Part[] {
  const there = worker?.running?.classes ?? {};
  return [...new Set([...classes, ...Object.keys(there)])].map((name) => ({
    row: {
      what: `objects ${name}`,
      there: there[name] ?? 'none',
      todo: name in there ? NOTHING : 'come with the Worker',
    },
  }));
}

/** Whether this deployment applies a migration of the objects. Where Cloudflare does not tell the tag, the classes do. */
export function isBehind({ tag, classes }: Running, target: Target): boolean {
  return tag === null ? target.classes.some((name) => !(name in classes)) : tag !== target.tags.at(-1);
}

function database(
  { database: own, environment }: Target,
  { database: there, schema }: Found,
  { pending }: Wanted,
): Part {
  const what = `D1 ${own.name}`;
  const apply = run('d1', 'migrations', 'apply', own.name, '--remote', `--env=${environment ?? ''}`);
  if (there === null) {
    const todo = `create, write its id, ${pending.length} migrations`;
    const before: Step[] = [run('d1', 'create', own.name), { kind: 'write id', id: null }, apply];
    return { row: { what, there: 'none', todo }, before };
  }
  const isWritten = own.id === there.uuid;
  const todo = [...(isWritten ? [] : ['write its id']), ...pending];
  const isOlder = schema !== null && schema.applied.length === 0 && schema.statements.length > 0;
  const count = schema?.statements.filter((sql) => /^\s*CREATE\s+TABLE/i.test(sql)).length ?? 0;
  return {
    row: {
      what,
      there: `${there.uuid}, ${count} tables, ${schema?.applied.length ?? 0} migrations`,
      todo: todo.join(', ') || NOTHING,
    },
    before: [
      ...(isWritten ? [] : [{ kind: 'write id' as const, id: there.uuid }]),
      ...(pending.length > 0 ? [apply] : []),
    ],
    notes: [
      ...(isOlder
        ? [
            'the database has tables, and none of our migrations: `npm run adopt -- --check` says whether their rows can be taken over',
          ]
        : []),
      ...(there.name === own.name ? [] : [`the database ${there.uuid} is called ${there.name} there`]),
    ],
  };
}

function queue(name: string, target: Target, { queues }: Found): Part {
  const consumers = queues[name] ?? null;
  const what = `queue ${name}`;
  if (consumers === null)
    return { row: { what, there: 'none', todo: 'create' }, before: [run('queues', 'create', name)] };
  const others = consumers.filter((one) => one !== target.worker);
  return {
    row: { what, there: consumers.length === 0 ? 'no consumer' : `consumed by ${consumers.join(', ')}`, todo: NOTHING },
    problems: others.map(
      (one) =>
        `the queue ${name} is consumed by ${one}, and a queue has one consumer: wrangler queues consumer remove ${name} ${one}`,
    ),
  };
}

function bucket({ bucket: name }: Target, { bucket: there }: Found): Part {
  const row = {
    what: `bucket ${name}`,
    there: there === null ? 'none' : 'there',
    todo: there === null ? 'create' : NOTHING,
  };
  return { row, before: there === null ? [run('r2', 'bucket', 'create', name)] : [] };
}

const FROM = { given: 'from the environment', made: 'made at random', asked: 'asked for', none: 'no value' } as const;

function secrets(target: Target, { worker }: Found, { missing }: Wanted): Part {
  const there = worker?.secrets.toSorted().join(', ') || 'none';
  const todo = missing.map(({ name, from }) => `${name} (${FROM[from]})`).join(', ') || NOTHING;
  const names = missing.map(({ name }) => name);
  const step: Step = { kind: 'secrets', args: ['secret', 'bulk', envArgument(target)], names };
  return {
    row: { what: 'secrets', there, todo },
    before: names.length > 0 ? [step] : [],
    problems: missing.flatMap(({ name, from }) =>
      from === 'none' ? [`${name} is not set, and nobody can be asked: give it in the environment`] : [],
    ),
  };
}

function cors({ bucket: name }: Target, { bucket: there }: Found, { cors: rules, corsFile }: Wanted): Part {
  const has = there?.cors ?? [];
  const isSame = areSame(has, rules);
  return {
    row: { what: 'CORS of the bucket', there: inShort(has), todo: isSame ? NOTHING : `set: ${inShort(rules)}` },
    before: isSame ? [] : [run('r2', 'bucket', 'cors', 'set', name, '--file', corsFile, '--force')],
  };
}

/**
 * After the Worker, since the rules must not be shorter than what the code that runs keeps: a release that keeps objects longer finds none yet that are
 * old, and one that keeps them shorter is there already.
 */
function lifecycle(
  { bucket: name }: Target,
  { bucket: there }: Found,
  { lifecycle: rules, lifecycleFile }: Wanted,
): Part {
  const has = there?.lifecycle ?? [];
  const isSame = areSame(has, rules);
  return {
    row: { what: 'lifecycle of the bucket', there: inShort(has), todo: isSame ? NOTHING : `set: ${inShort(rules)}` },
    after: isSame ? [] : [run('r2', 'bucket', 'lifecycle', 'set', name, '--file', lifecycleFile, '--force')],
  };
}

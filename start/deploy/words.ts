/** A plan, its commands and how to go back, as they are printed. */
import { columns, RULE } from '../table.ts';
import type { Found } from './look.ts';
import { isBehind, type Plan, type Step } from './plan.ts';
import { envArgument, type Target } from './target.ts';
import { typed } from './wrangler.ts';

/** The longest cell of what is there, and of what is to do: more is cut with a sign. */
const WIDTHS = [-26, -40, -20];
const LONGEST = 72;

const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

export const tableOf = ({ rows }: Plan): string =>
  columns(
    [['what', 'there', 'to do'], RULE, ...rows.map(({ what, there, todo }) => [what, there, todo].map(short))],
    WIDTHS,
  );

/** What a step types, without any secret's value. */
export function commandOf(step: Step, { database, vars }: Target): string {
  switch (step.kind) {
    case 'wrangler':
      return typed(step.args);
    case 'write id':
      return `# wrangler.toml: database_id = "${step.id ?? `the id of ${database.name}`}"`;
    case 'secrets':
      return `${typed(step.args)}   # by standard input: ${step.names.join(', ')}`;
    case 'studio':
      return '# builds studio/dist';
    case 'proof':
      return `# asks ${vars.PUBLIC_BASE_URL ?? 'PUBLIC_BASE_URL'}/health, and sends a photo through`;
  }
}

export const commandsOf = ({ steps }: Plan, target: Target): string =>
  steps.map((step) => `  ${commandOf(step, target)}`).join('\n');

/** What takes a deployment back, in one command, or why nothing does. */
export function wayBack(target: Target, { worker }: Found): string {
  const [first] = worker?.traffic ?? [];
  if (first === undefined)
    return 'Nothing ran here before, so there is nothing to go back to: put it right and deploy again.';
  if (worker?.running && isBehind(worker.running, target)) {
    return `It applied the objects' migration ${target.tags.at(-1)}, behind which Cloudflare takes no version back: put it right and deploy again.`;
  }
  return `This takes it back:\n\n  ${typed(['rollback', first.version, envArgument(target)])}`;
}

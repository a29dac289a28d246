/** The tables of docs/API.md that follow from the contract: procedures with their inputs, and errors with their details. */
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { proceduresOfRouter } from '../../proving/attacks/router.ts';
import { conceptMap } from '../../server/src/contract/concepts.ts';
import { ERROR_CODES } from '../../server/src/contract/errors.ts';
import { fromRoot } from '../../start/paths.ts';
import type { JsonSchema } from './schemas.ts';

const NOTES: Record<string, string> = {
  'auth.renew': 'user, also up to 30 days after it expired',
  'jobs.watch': 'ticket, over a WebSocket',
};

const METHOD = { query: 'GET', mutation: 'POST', subscription: 'WebSocket' } as const;

/** One row a procedure, in the order of the router. */
export async function procedureTable(): Promise<string> {
  const rows = (await proceduresOfRouter()).map(({ path, type, input, kind }) => {
    const who = NOTES[path] ?? (kind.open ? 'anyone' : path.startsWith('admin.') ? 'operator' : 'user');
    const shape =
      input === null ? 'null' : shapeOf(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonSchema);
    return `| \`${path}\` | ${METHOD[type]} | ${who} | ${cell(shape)} |`;
  });
  return ['| procedure | method | who | input |', '|---|---|---|---|', ...rows].join('\n');
}

/** One row an error. The details are read from the type's own text, since a type is gone when a program runs. */
export function errorTable(): string {
  const source = readFileSync(fromRoot('server', 'src', 'contract', 'errors.ts'), 'utf8');
  const [, type = ''] = /^export type ErrorDetails = \{\n([\s\S]*?)^\};$/m.exec(source) ?? [];
  const details = new Map(Array.from(type.matchAll(/^ {2}([A-Z_]+): (.*);$/gm), ([, code, shape]) => [code, shape]));
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { status }]) => `| ${status} | \`${code}\` | ${cell(details.get(code) ?? 'null')} |`,
  );
  return ['| HTTP | `errorCode` | `details` |', '|---|---|---|', ...rows].join('\n');
}

/** What `Concepts` stands for in the inputs: it would be the longest part of three of them. */
export const conceptsShape = (): string =>
  `\`\`\`ts\nConcepts = ${shapeOf(z.toJSONSchema(conceptMap, { io: 'input' }) as JsonSchema).replaceAll(' | {', '\n  | {')}\n\`\`\``;

/** Bars end a cell, and GitHub takes no other way out. */
const cell = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

/** A JSON Schema in one line, as TypeScript writes types; what it bounds in words. */
function shapeOf(schema: JsonSchema): string {
  const { anyOf, oneOf, enum: values, const: only, type } = schema;
  const branches = (anyOf ?? oneOf) as JsonSchema[] | undefined;
  if (branches !== undefined) return [...new Set(branches.map(shapeOf))].join(' | ');
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (Array.isArray(type)) return type.map((one) => shapeOf({ ...schema, type: one })).join(' | ');
  if (type === 'array')
    return `${wrapped(shapeOf(schema.items as JsonSchema))}[]${rangeOf(schema, 'minItems', 'maxItems')}`;
  if (type === 'object') return objectOf(schema);
  if (type === 'integer') return `integer${rangeOf(schema, 'minimum', 'maximum')}`;
  if (type === 'string') return `text${rangeOf(schema, 'minLength', 'maxLength')}`;
  return typeof type === 'string' ? type : 'null';
}

function objectOf({ properties, required, additionalProperties }: JsonSchema): string {
  if (properties === undefined) return `{ [name]: ${shapeOf((additionalProperties ?? {}) as JsonSchema)} }`;
  const needed = new Set((required ?? []) as string[]);
  const fields = Object.entries(properties as Record<string, JsonSchema>).map(
    ([name, field]) => `${name}${needed.has(name) ? '' : '?'}: ${name === 'concepts' ? 'Concepts' : shapeOf(field)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

const wrapped = (shape: string): string => (shape.includes(' | ') ? `(${shape})` : shape);

/** Bounds that the schema names itself: those of any whole number are none. */
function rangeOf(schema: JsonSchema, low: string, high: string): string {
  const bound = (name: string) => (Math.abs(Number(schema[name])) < Number.MAX_SAFE_INTEGER ? schema[name] : undefined);
  const [from, to] = [bound(low), bound(high)];
  return from === undefined && to === undefined ? '' : ` (${from ?? ''}..${to ?? ''})`;
}

/**
 * Describes the router to the panel's page: each procedure with a JSON Schema of its input, who may call it, and its documentation. That is
 * read where it stands: in what is generated of the client, and for operators' procedures, which the client has none of, in the server's router.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as z from 'zod/mini';
import { fromRoot } from '../paths.ts';
import { type Documented, documentedIn, operatorsIn, typesNamedIn } from './documentation.ts';
import type { Described, Schema } from './page/src/described.ts';

/** What is read of a tRPC router: every procedure by its full name. */
export type Procedures = Record<
  string,
  { _def: { type: Described['type']; inputs: z.core.$ZodType[]; meta?: { open?: true } | undefined } }
>;

const GENERATED = fromRoot('client-sdk', 'src', 'generated');
const SERVER = fromRoot('server', 'src', 'rpc');

/** Every procedure of the server's router, in its order. */
export async function describeServer(): Promise<Described[]> {
  const url = pathToFileURL(`${SERVER}/router.ts`).href;
  const { appRouter }: { appRouter: { _def: { procedures: Procedures } } } = await import(url);
  const read = (file: string) => readFileSync(file, 'utf8');
  const documented = new Map([
    ...documentedIn(read(`${GENERATED}/router.ts`)),
    ...operatorsIn(read(`${SERVER}/routers/admin.ts`)),
  ]);
  return describeRouter(appRouter._def.procedures, documented, read(`${GENERATED}/types.ts`));
}

/** @param types declarations that the documented shapes name */
export function describeRouter(
  procedures: Procedures,
  documented: ReadonlyMap<string, Documented>,
  types: string,
): Described[] {
  return Object.entries(procedures).map(([path, { _def }]) => {
    const { comment = '', shape = '' } = documented.get(path) ?? {};
    const [input] = _def.inputs;
    return {
      path,
      type: _def.type,
      access: accessOf(path, _def),
      comment,
      shape,
      types: typesNamedIn(shape, types),
      schema: input === undefined || takesNothing(input) ? null : toSchema(input),
    };
  });
}

/** A subscription is open to whoever has a ticket, which only the job's owner is given. */
function accessOf(path: string, { type, meta }: Procedures[string]['_def']): Described['access'] {
  if (path.startsWith('admin.')) return 'operator';
  return meta?.open && type !== 'subscription' ? 'anyone' : 'user';
}

const takesNothing = (input: z.core.$ZodType): boolean => ['void', 'undefined'].includes(input._zod.def.type);

/** What a caller sends, before defaults are filled in. */
function toSchema(input: z.core.$ZodType): Schema {
  const { default: _, ...schema } = z.toJSONSchema(input, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  });
  return schema;
}

/** Every procedure of the router, as the router itself lists them: what the two-user matrix and the fuzzer are made from. */
import { pathToFileURL } from 'node:url';
import type { $ZodType } from 'zod/v4/core';
import { fromRoot } from '../../start/paths.ts';

export type Procedure = {
  path: string;
  type: 'query' | 'mutation' | 'subscription';
  input: $ZodType | null;
  /** What the server says of it by `.meta()`. */
  kind: { open?: true; safe?: true; keyed?: true };
};

type Definition = { type: Procedure['type']; inputs: $ZodType[]; meta?: Procedure['kind'] };
type Router = {
  _def: { procedures: Record<string, { _def: Definition }> };
};

/** Loaded at run time: its types need those of Workers, which scripts have none of. */
export async function proceduresOfRouter(): Promise<Procedure[]> {
  const module: { appRouter: Router } = await import(pathToFileURL(fromRoot('server', 'src', 'rpc', 'router.ts')).href);
  return Object.entries(module.appRouter._def.procedures).map(([path, { _def }]) => ({
    path,
    type: _def.type,
    input: _def.inputs[0] ?? null,
    kind: _def.meta ?? {},
  }));
}

/** The inputs of all procedures, as the router itself lists them. */
import type { $ZodType } from 'zod/v4/core';
import type { appRouter } from '../../src/rpc/router.ts';

export type InputSchema = $ZodType & {
  safeParse(value: unknown): { success: boolean; data?: unknown; error?: unknown };
};
type Procedure = { _def: { inputs: InputSchema[] } };

/** Path and schema of each procedure that takes input. */
export function inputsOf(router: typeof appRouter): [path: string, schema: InputSchema][] {
  // Flat, whatever its type says.
  const procedures: object = router._def.procedures;
  return Object.entries(procedures).flatMap(([path, { _def }]: [string, Procedure]) =>
    _def.inputs.map((schema): [string, InputSchema] => [path, schema]),
  );
}

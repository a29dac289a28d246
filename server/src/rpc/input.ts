/** How every procedure takes its input. */
import type * as z from 'zod/mini';
import { noInput, Unreadable } from '../wire/input.ts';
import { withoutNulls } from '../wire/nulls.ts';
import { ApiError } from './errors.ts';

/**
 * The schema as a parser for `.input()`; for whoever walks the router's schemas it describes what it did before.
 *
 * - `null` for a field that may be absent is taken as that it is.
 * - An input that could not be read is refused here, so that in a batch no other call is refused with it.
 * - Where an input is needed and none came, the refusal says where it belongs.
 * - A procedure that needs none takes an empty object as well.
 */
export function inputOf<T extends z.ZodMiniType>(schema: T): T {
  const parse = (given: unknown): unknown => {
    if (given instanceof Unreadable) throw new ApiError(given.refusal);
    const input = withoutNulls(given, schema);
    if (input !== undefined) return schema.parse(needsNone(schema) && isEmpty(input) ? undefined : input);
    const nothing = schema.safeParse(undefined);
    if (!nothing.success) throw new ApiError(noInput().refusal);
    return nothing.data;
  };
  // tRPC tries the second where the first throws anything but issues.
  return Object.assign(schema.clone(), { parse, parseAsync: parse });
}

const needsNone = (schema: z.ZodMiniType): boolean => schema._zod.def.type === 'void';

const isEmpty = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && !Array.isArray(input) && Object.keys(input).length === 0;

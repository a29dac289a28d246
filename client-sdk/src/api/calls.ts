/** The client's methods: one for each procedure, nested as their paths are, so that a new procedure needs no line here. */
import type { Calls } from '../generated/calls.ts';
import { PROCEDURES, type ProcedurePath } from '../generated/procedures.ts';
import type { PageInput } from '../generated/types.ts';
import type { CallOptions } from './call.ts';
import { paged } from './pages.ts';

/** Calls whatever procedure, without knowing its types. */
export type AnyCall = (path: ProcedurePath, input: unknown, options?: CallOptions) => Promise<unknown>;

type Group = { [name: string]: unknown };
type Page = { [field: string]: unknown; nextCursor: string | null };

export function methodsOf(call: AnyCall): Calls {
  const all: Group = {};
  for (const path of Object.keys(PROCEDURES) as ProcedurePath[]) {
    const groups = path.split('.');
    const name = groups.pop() as string;
    let at = all;
    for (const group of groups) {
      at[group] ??= {};
      at = at[group] as Group;
    }
    at[name] = methodOf(call, path);
  }
  return all as unknown as Calls;
}

function methodOf(call: AnyCall, path: ProcedurePath) {
  const { bare, pages } = PROCEDURES[path];
  if (bare) return (options?: CallOptions) => call(path, undefined, options);
  if (pages === undefined) return (input: unknown, options?: CallOptions) => call(path, input, options);
  const read = (input: PageInput, options?: CallOptions) => call(path, input, options) as Promise<Page>;
  const entriesOf = (page: Page) => (pages === null ? [page] : (page[pages] as unknown[]));
  return (input?: PageInput, options?: CallOptions) => paged(read, entriesOf, input, options);
}

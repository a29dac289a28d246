/** Procedures as the router nests them, written as the members of an interface or a type. */
import type { Procedure } from './procedures.ts';

interface Tree {
  procedures: { name: string; procedure: Procedure }[];
  groups: Map<string, Tree>;
}

export function treeOf(procedures: readonly Procedure[]): Tree {
  const root: Tree = { procedures: [], groups: new Map() };
  for (const procedure of procedures) {
    const names = procedure.path.split('.');
    let at = root;
    for (const name of names.slice(0, -1)) {
      const next: Tree = at.groups.get(name) ?? { procedures: [], groups: new Map() };
      at.groups.set(name, next);
      at = next;
    }
    at.procedures.push({ name: names.at(-1) ?? '', procedure });
  }
  return root;
}

/** The members of a tree: procedures with what is said of them, and below them the groups. */
export function members(
  { procedures, groups }: Tree,
  procedureAs: (name: string, procedure: Procedure) => string,
  groupAs: (name: string, body: string, depth: number) => string,
  depth = 0,
): string {
  const own = procedures.map(({ name, procedure }) => `${described(procedure)}${procedureAs(name, procedure)}`);
  const inner = [...groups].map(([name, tree]) =>
    groupAs(name, `{\n${members(tree, procedureAs, groupAs, depth + 1)}\n}`, depth),
  );
  return [...own, ...inner].join('\n');
}

export const described = ({ comment }: Procedure): string => (comment === '' ? '' : `${comment}\n`);

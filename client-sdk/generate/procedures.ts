/** Every procedure of the router but for operators': what it takes and gives, how it may be called, and what is said of it. */
import type ts from 'typescript';
import { proceduresOfRouter, type Procedure as Routed } from '../../proving/attacks/router.ts';
import { commentOf } from './comments.ts';
import { type Source, typeOf } from './program.ts';
import type { Shapes } from './shapes.ts';

export interface Procedure {
  path: string;
  type: Routed['type'];
  kind: Routed['kind'];
  comment: string;
  /** Null where it takes none. Of a subscription `output` is one event. */
  input: ts.Type | null;
  isOptional: boolean;
  output: ts.Type;
  /** Of a list that is read page by page: where its entries stand, or null where each page is one. */
  pages: { field: string | null; entry: ts.Type } | null;
}

export async function proceduresOf(source: Source, shapes: Shapes): Promise<Procedure[]> {
  const routed = (await proceduresOfRouter()).filter(({ path }) => !path.startsWith('admin.'));
  return routed.map(({ path, type, kind }) => {
    const at = (root: ts.Type) => path.split('.').reduce((of, name) => typeOf(source, of, name), root);
    const given = at(source.inputs);
    const output = type === 'subscription' ? eventOf(at(source.outputs), source) : at(source.outputs);
    const input = shapes.present(given);
    const procedure = { path, type, kind, comment: commentOfProcedure(path, source), input, output };
    return {
      ...procedure,
      isOptional: shapes.isOptional(given),
      pages: type === 'query' ? pagesOf(input, output, source) : null,
    };
  });
}

function commentOfProcedure(path: string, source: Source): string {
  const names = path.split('.');
  const owner = names.slice(0, -1).reduce((of, name) => typeOf(source, of, name), source.router);
  const property = owner.getProperty(names.at(-1) ?? '');
  return property === undefined ? '' : commentOf(property, source.checker);
}

/** From `AsyncIterable<{ id, data }>`, as tRPC hands tracked events to a client, to the data. */
function eventOf(stream: ts.Type, source: Source): ts.Type {
  const [tracked] = source.checker.getTypeArguments(stream as ts.TypeReference);
  if (tracked?.getProperty('id') === undefined) throw new Error('a subscription of untracked events');
  return typeOf(source, tracked, 'data');
}

function pagesOf(input: ts.Type | null, output: ts.Type, source: Source): Procedure['pages'] {
  if (input?.getProperty('cursor') === undefined || output.getProperty('nextCursor') === undefined) return null;
  const lists = output.getProperties().filter((one) => source.checker.isArrayType(source.checker.getTypeOfSymbol(one)));
  const [only] = lists;
  if (only === undefined || lists.length > 1) return { field: null, entry: output };
  const list = source.checker.getTypeOfSymbol(only) as ts.TypeReference;
  return { field: only.name, entry: source.checker.getTypeArguments(list)[0] ?? output };
}

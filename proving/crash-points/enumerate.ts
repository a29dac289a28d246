/**
 * Finds every `await` of a source file and names it after the code around it, and puts a crash point in its place:
 * `await X` becomes `await point(name, () => X)`. The names come from the syntax tree, so none can be forgotten.
 */
import { parseSync } from 'vite';

/** Where a crash point stands: `from` and `to` bound the expression that is waited for. */
export type Point = { name: string; kind: 'await' | 'each'; from: number; to: number; nested: boolean };

type Node = { type: string; start: number; end: number; [key: string]: unknown };
/** What surrounds a node: names of classes, functions and properties from the outside in. */
type Place = { names: readonly string[]; awaits: Point[] };

/** The function that tests put in place of each await; without it the code runs as it stands. */
const HOOK = 'globalThis.__crashPoint';
const HOOK_EACH = 'globalThis.__crashPointEach';

/** @param file path below server/src, without its extension: the first part of each name */
export function pointsOf(file: string, code: string): Point[] {
  const { program, errors } = parseSync(`${file}.ts`, code, { sourceType: 'module' });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const found: Point[] = [];
  if (!isNode(program)) throw new Error(`${file}: has no syntax tree`);
  visit(program, { names: [], awaits: found }, code);
  return numbered(found).map((point) => ({ ...point, name: `${file}:${point.name}` }));
}

/** The same code with its crash points in place, on the same lines. */
export function instrument(code: string, points: Point[]): string {
  const inserts = points.flatMap(({ name, kind, from, to, nested }) => {
    const hook = kind === 'await' ? HOOK : HOOK_EACH;
    const plain = '(_, run) => run()';
    return [
      {
        at: from,
        text: ` (${hook} ?? (${plain}))(${JSON.stringify(name)}, ${nested ? 'async ' : ''}() => (`,
        order: 1,
      },
      { at: to, text: '))', order: 0 },
    ];
  });
  // Inner ends come before outer ends at the same place, outer starts before inner ones: as they were found.
  const sorted = inserts
    .map((insert, found) => ({ ...insert, found }))
    .sort((a, b) => a.at - b.at || a.order - b.order || (a.order === 0 ? b.found - a.found : a.found - b.found));
  let result = '';
  let last = 0;
  for (const { at, text } of sorted) {
    result += code.slice(last, at) + text;
    last = at;
  }
  return result + code.slice(last);
}

function visit(node: Node, place: Place, code: string): void {
  const inside = enter(node, place);
  if (node.type === 'AwaitExpression') {
    const argument = node.argument as Node;
    const point: Point = {
      name: `${inside.names.join('.')}:${calleeOf(argument, code)}`,
      kind: 'await',
      from: argument.start,
      to: argument.end,
      nested: awaits(argument),
    };
    inside.awaits.push(point);
  }
  if (node.type === 'ForOfStatement' && node.await === true) {
    const right = node.right as Node;
    const name = `${inside.names.join('.')}:each ${calleeOf(right, code)}`;
    inside.awaits.push({ name, kind: 'each', from: right.start, to: right.end, nested: false });
  }
  for (const child of childrenOf(node)) visit(child, inside, code);
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]).filter(isNode));
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Whether the expression itself waits, functions inside it apart. */
function awaits(node: Node): boolean {
  if (/Function/.test(node.type)) return false;
  return node.type === 'AwaitExpression' || childrenOf(node).some(awaits);
}

function enter(node: Node, place: Place): Place {
  const name = nameOf(node);
  return name === null ? place : { ...place, names: [...place.names, name] };
}

/** Names that tell a reader where they are: of classes, methods, functions, and of what holds a function. */
function nameOf(node: Node): string | null {
  switch (node.type) {
    case 'ClassDeclaration':
    case 'FunctionDeclaration':
      return textOf(node.id);
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return textOf(node.key);
    case 'Property':
      return holdsCode(node.value) ? textOf(node.key) : null;
    case 'VariableDeclarator':
      return holdsCode(node.init) ? textOf(node.id) : null;
    default:
      return null;
  }
}

/** A function, or a call that is given one, such as `procedure.mutation(async () => …)`. */
function holdsCode(value: unknown): boolean {
  if (!isNode(value)) return false;
  if (value.type === 'ArrowFunctionExpression' || value.type === 'FunctionExpression') return true;
  return value.type === 'CallExpression' && [value.callee, ...(value.arguments as unknown[])].some(carriesCode);
}
const carriesCode = (node: unknown): boolean =>
  holdsCode(node) || (isNode(node) && (node.type === 'ObjectExpression' || holdsCode(node.object)));

function textOf(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'PrivateIdentifier') return `#${String(node.name)}`;
  return String(node.name ?? node.value ?? '');
}

/** What is waited for, in short: the function's name and, where it is given one, the call that it carries out. */
function calleeOf(node: Node, code: string): string {
  if (node.type === 'ParenthesizedExpression') return calleeOf(node.expression as Node, code);
  if (node.type === 'LogicalExpression') return calleeOf(node.left as Node, code);
  if (node.type === 'ChainExpression') return calleeOf(node.expression as Node, code);
  if (node.type !== 'CallExpression') return code.slice(node.start, node.end).replace(/\s+/g, ' ').replace('this.', '');
  const callee = node.callee as Node;
  const carried = (node.arguments as Node[]).map(carriedBy).find((text) => text !== null);
  return chain(callee) + (carried === undefined ? '' : `(${carried})`);
}

/** `this.#shell.env.DB.batch` → `DB.batch`; a call in between is left out. */
function chain(node: Node): string {
  if (node.type !== 'MemberExpression') return textOf(node);
  const object = node.object as Node;
  if (object.type === 'CallExpression' && textOf(node.property) === 'catch') return chain(object.callee as Node);
  const owner = object.type === 'MemberExpression' ? textOf(object.property) : textOf(object);
  const property = textOf(node.property);
  return owner === '' ? property : `${owner.replace('#', '')}.${property}`;
}

function carriedBy(argument: Node): string | null {
  if (argument.type === 'Literal' && typeof argument.value === 'string') return argument.value;
  if (argument.type !== 'ArrowFunctionExpression') return null;
  const body = argument.body as Node;
  return body.type === 'CallExpression' ? chain(body.callee as Node) : null;
}

/** Awaits of the same thing in the same function are told apart by their number. */
function numbered(points: Point[]): Point[] {
  const seen = new Map<string, number>();
  return points.map((point) => {
    const count = (seen.get(point.name) ?? 0) + 1;
    seen.set(point.name, count);
    return count === 1 ? point : { ...point, name: `${point.name}#${count}` };
  });
}

/**
 * Part of `npm run check`: the client (its main entry and ./react) uses nothing that React Native lacks without looking first. Looking is
 * a condition around the use, or before it in an `&&`, `||` or `?:`, that has `typeof NAME`, `'MEMBER' in` or the member itself in it.
 * ./testing and ./webhooks run in tests and on servers, and ./sets draws on a canvas, which it has none of. Types know nothing of all this: they are the DOM's.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { fromRoot, ROOT } from '../../../start/paths.ts';
import type TypeScript from '../../node_modules/typescript/lib/typescript.d.ts';
import { GLOBALS, MEMBERS, TYPED_MEMBERS } from './lacks.ts';

const PACKAGE = fromRoot('client-sdk');
/** The client's own TypeScript 5.9: version 7 has no API. */
const ts: typeof TypeScript = createRequire(path.join(PACKAGE, 'package.json'))('typescript');
const NOT_THERE = ['testing', 'webhooks', 'sets'].map((name) => path.join(PACKAGE, 'src', name) + path.sep);

const { config } = ts.readConfigFile(path.join(PACKAGE, 'tsconfig.json'), ts.sys.readFile);
const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, PACKAGE);
const program = ts.createProgram(fileNames, options);
const checker = program.getTypeChecker();
const found: string[] = [];
let files = 0;

for (const file of program.getSourceFiles()) {
  const name = path.resolve(file.fileName);
  if (!name.startsWith(path.join(PACKAGE, 'src') + path.sep) || NOT_THERE.some((one) => name.startsWith(one))) continue;
  files += 1;
  const visit = (node: TypeScript.Node): void => {
    const use = lackIn(node);
    if (use !== null && !isGuarded(node, use.name)) report(file, node, `${use.name}: ${use.why}`);
    // A type is no use, and what `typeof` asks of is not needed.
    if (!ts.isTypeNode(node) && !ts.isTypeOfExpression(node)) ts.forEachChild(node, visit);
  };
  visit(file);
}
if (files === 0) found.push('no file of the client was looked at');
for (const line of found) console.log(line);
process.exitCode = found.length > 0 ? 1 : 0;

function report(file: TypeScript.SourceFile, node: TypeScript.Node, why: string): void {
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  found.push(`${path.relative(ROOT, file.fileName)}:${line + 1} React Native lacks ${why}`);
}

/** What the node itself uses of the lists. */
function lackIn(node: TypeScript.Node): { name: string; why: string } | null {
  if (ts.isMetaProperty(node)) return { name: 'import.meta', why: 'Metro bundles scripts' };
  if (ts.isAwaitExpression(node) && isTopLevel(node)) return { name: 'await', why: 'no top-level await' };
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.Using) === ts.NodeFlags.Using) {
    return { name: 'using', why: 'Hermes does not parse it' };
  }
  if (ts.isPropertyAccessExpression(node)) return memberUse(node);
  const why = ts.isIdentifier(node) ? GLOBALS[node.text] : undefined;
  if (why === undefined || !ts.isIdentifier(node) || !isGlobal(node)) return null;
  return { name: node.text, why };
}

function memberUse({ expression, name }: TypeScript.PropertyAccessExpression): { name: string; why: string } | null {
  const whole = `${ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText()}.${name.text}`;
  const why = MEMBERS[whole];
  if (why !== undefined) return { name: whole, why };
  const typed = Object.hasOwn(TYPED_MEMBERS, name.text) ? TYPED_MEMBERS[name.text] : undefined;
  if (typed === undefined) return null;
  const type = checker.getTypeAtLocation(expression);
  const names = (type.isUnion() ? type.types : [type]).map((one) => one.getSymbol()?.name ?? '');
  const on = typed.types.find((one) => names.includes(one));
  return on === undefined ? null : { name: `${on}.${name.text}`, why: typed.why };
}

/** A name of the program's own scope is somebody's variable or property, whatever it is called. */
function isGlobal(node: TypeScript.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return parent.expression.getText() === 'globalThis';
  const declared = checker.getSymbolAtLocation(node)?.declarations ?? [];
  return declared.length > 0 && declared.every((one) => one.getSourceFile().isDeclarationFile);
}

function isTopLevel(node: TypeScript.Node): boolean {
  return ts.findAncestor(node, (one) => ts.isFunctionLike(one) || ts.isClassStaticBlockDeclaration(one)) === undefined;
}

/** Whether a condition that decides about the use looks for it. */
function isGuarded(node: TypeScript.Node, name: string): boolean {
  const member = name.split('.').at(-1) ?? name;
  const looks = (condition: TypeScript.Node) => {
    const text = condition.getText();
    return text.includes(`typeof ${name}`) || text.includes(`'${member}' in `);
  };
  for (let at = node; at.parent !== undefined; at = at.parent) {
    const { parent } = at;
    if (ts.isIfStatement(parent) && at !== parent.expression && looks(parent.expression)) return true;
    if (ts.isConditionalExpression(parent) && at !== parent.condition && looks(parent.condition)) return true;
    if (ts.isBinaryExpression(parent) && at === parent.right && looks(parent.left)) return true;
    if (ts.isSourceFile(parent)) return false;
  }
  return false;
}

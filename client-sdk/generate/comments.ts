/** Doc comments as they stand in the server's sources, for whoever looks at a name in his editor. */
import ts from 'typescript';

/** The comment of a declaration, beginning in column 0; empty when it has none. */
export function commentAt(node: ts.Node | undefined): string {
  if (node === undefined) return '';
  // That of a constant stands above its statement.
  const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const comments = ts.getJSDocCommentsAndTags(owner).filter(ts.isJSDoc);
  return (comments.at(-1)?.getText() ?? '').replace(/\n\s*\*/g, '\n *');
}

/** Of a property, wherever mapped types have taken it from: its own, or that of the schema that it names. */
export function commentOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  for (const { declarations = [] } of checker.getRootSymbols(symbol)) {
    for (const node of declarations) {
      const comment = commentAt(node) || commentOfSchema(node, checker);
      if (comment !== '') return comment;
    }
  }
  return '';
}

/** `{ ticket }`, `{ ticket: ticket }` and `{ ticket: z.optional(ticket) }` say of themselves what `const ticket` says. */
function commentOfSchema(node: ts.Node, checker: ts.TypeChecker): string {
  if (ts.isShorthandPropertyAssignment(node))
    return commentOfValue(checker.getShorthandAssignmentValueSymbol(node), checker);
  if (!ts.isPropertyAssignment(node)) return '';
  let value = node.initializer;
  while (ts.isCallExpression(value) && value.arguments.length === 1) value = value.arguments[0] as ts.Expression;
  return ts.isIdentifier(value) ? commentOfValue(checker.getSymbolAtLocation(value), checker) : '';
}

function commentOfValue(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): string {
  const value = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return commentAt(value?.valueDeclaration);
}

/** Of a type of the contract: its own, or that of the value which it is inferred from. */
export function commentOfType(declaration: ts.TypeAliasDeclaration, checker: ts.TypeChecker): string {
  const own = commentAt(declaration);
  if (own !== '') return own;
  const find = (node: ts.Node): string | undefined =>
    ts.isTypeQueryNode(node)
      ? commentOfValue(checker.getSymbolAtLocation(node.exprName), checker)
      : ts.forEachChild(node, find);
  return find(declaration.type) ?? '';
}

/**
 * Reads documentation out of sources that the formatter has laid out: what is indented by so much belongs to the line above it. Two files of
 * one known form need no compiler for that.
 */

export interface Documented {
  /** In plain words, without the marks of a comment; empty where nothing is said. */
  comment: string;
  /** TypeScript of what it takes and gives; empty where that is not written down. */
  shape: string;
}

/** From the router's type in client-sdk/src/generated, by the procedure's full name. */
export function documentedIn(router: string): Map<string, Documented> {
  const found = new Map<string, Documented>();
  let group = '';
  let comment: string[] = [];
  const lines = router.split('\n');
  for (const [at, line] of lines.entries()) {
    group = /^ {2}(\w+): \{$/.exec(line)?.[1] ?? group;
    if (/^ {4}(\/\*\*| \*)/.test(line)) comment.push(line);
    const name = /^ {4}(\w+): (?:Query|Mutation|Subscription)</.exec(line)?.[1];
    if (name === undefined) continue;
    const end = lines.findIndex((one, index) => index >= at && /^ {4}(\w.*)?>;$/.test(one));
    const shape = lines.slice(at, end + 1).map((one) => one.slice(4));
    found.set(`${group}.${name}`, { comment: words(comment), shape: shape.join('\n') });
    comment = [];
  }
  return found;
}

/** From the source of the operators' router. */
export function operatorsIn(source: string): Map<string, Documented> {
  const procedure = /(?:^ {2}(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\n)?^ {2}(\w+): adminProcedure$/gm;
  return new Map(
    Array.from(source.matchAll(procedure), ([, comment = '', name = '']) => [
      `admin.${name}`,
      { comment: words(comment.split('\n')), shape: '' },
    ]),
  );
}

/** The declarations that a shape names, and those that these name in turn, each once. */
export function typesNamedIn(shape: string, types: string): string {
  const declared = new Map(
    types
      .split(/\n\n(?=\/\*\*|export)/)
      .map((text): [string, string] => [/^export (?:interface|type) (\w+)/m.exec(text)?.[1] ?? '', text.trim()]),
  );
  const named = new Set<string>();
  const add = (text: string): void => {
    for (const [name] of text.replace(/\/\*\*[\s\S]*?\*\//g, '').matchAll(/\b[A-Z]\w+\b/g)) {
      const declaration = declared.get(name);
      if (declaration === undefined || named.has(name)) continue;
      named.add(name);
      add(declaration);
    }
  };
  add(shape);
  return [...named].map((name) => declared.get(name)?.replaceAll('export ', '')).join('\n\n');
}

const words = (comment: readonly string[]): string =>
  comment
    .map((line) => line.replace(/^\s*(\/\*\*|\*\/|\*)\s?|\s*\*\/$/g, '').trim())
    .join(' ')
    .trim();

/**
 * When a change to the public API breaks an app. Declarations are compared line by line, as the build writes them: one member a line,
 * comments left out. A line that is gone or reads differently breaks; a new one does not, but for a property that an input now has to
 * have. Nor does a property more in an object on its line that may be missing. So the rule errs on the side of "breaking": widening a union counts, since a `switch` may have been complete.
 */

/** Exported declarations by name: their first line and their members. */
type Declarations = Map<string, string[]>;

/** What apps give: a new property without a question mark is one that they do not have. */
const GIVEN = /(?:Input|Options|Photo|Change|Storage|StorageLike|Socket)$/;
const REQUIRED = /^(?:readonly )?\w+(?:\(|:)/;

/** What an app that compiles against `before` may miss in `after`, one sentence each. */
export function breaking(before: string, after: string): string[] {
  const now = declarationsIn(after);
  const gone: string[] = [];
  for (const [name, lines] of declarationsIn(before)) {
    const left = now.get(name);
    if (left === undefined) {
      gone.push(`${name} is gone`);
      continue;
    }
    for (const line of without(lines, left)) gone.push(`${name}: \`${line}\` is gone or changed`);
    if (!GIVEN.test(name)) continue;
    for (const line of without(left, lines).filter((one) => REQUIRED.test(one))) {
      gone.push(`${name}: \`${line}\` has to be given now`);
    }
  }
  return gone;
}

function declarationsIn(text: string): Declarations {
  const found: Declarations = new Map();
  let current: string[] = [];
  for (const line of text.replace(/\/\*\*[\s\S]*?\*\//g, '').split('\n')) {
    const [, name] =
      /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const) (\w+)/.exec(line) ?? [];
    if (name !== undefined) {
      current = found.get(name) ?? [];
      found.set(name, current);
    }
    const member = line.trim();
    // The end of the file says nothing about what stands above it.
    if (member !== '' && !/^(?:[{}]|export \{\};)/.test(member)) current.push(member);
  }
  return found;
}

/** `{ a: number; b?: string }` → `{ a: number }` */
const withoutOptional = (line: string): string => line.replace(/; \w+\?: [^;{}]+?(?=;| \})/g, '');

/** The lines of `lines` that `others` does not have, as often as they are there more. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  return lines.filter((line) => {
    const same = rest.indexOf(line);
    const at = same === -1 ? rest.findIndex((other) => withoutOptional(other) === line) : same;
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
}

/** Whether `to` may break what `from` promised: a new major version, or a new minor one below 1.0. */
export function mayBreak(from: string, to: string): boolean {
  const [major = 0, minor = 0] = from.split('.').map(Number);
  const [toMajor = 0, toMinor = 0] = to.split('.').map(Number);
  return toMajor > major || (major === 0 && toMajor === 0 && toMinor > minor);
}

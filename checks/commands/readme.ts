/** The commands that README.md and docs/DEPLOY.md tell people to type, as they write them. */

export const PAGES = ['README.md', 'docs/DEPLOY.md'];

/** What a command begins with, after settings such as `PORT=9000`. */
const COMMAND = /^(?:[A-Z_]+=\S+ )*(?:(?:npm|npx) \S|examples\/\S+\.sh(?: |$)|for \w+ in )/;
/** The language of blocks of commands; most are indented and have none. */
const SHELL = /^```(?:sh|bash|console)?$/;

/** What stands in blocks of code and between backticks, without comments; each once, in order. */
export function commandsOf(markdown: string): string[] {
  const found = new Set<string>();
  let block: 'shell' | 'other' | null = null;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) block = block !== null ? null : SHELL.test(line) ? 'shell' : 'other';
    else if (block !== 'other') {
      const isCode = block === 'shell' || line.startsWith('    ');
      for (const text of isCode ? typedIn(line) : quotedIn(line)) if (COMMAND.test(text)) found.add(text);
    }
  }
  return [...found];
}

const typedIn = (line: string): string[] => {
  const [typed = ''] = line.split(/\s#\s/);
  return typed.split('&&').map((one) => one.trim());
};

/** Between backticks, or the text of a link to a script. */
const quotedIn = (line: string): string[] =>
  [...line.matchAll(/`([^`]+)`|\[(examples\/[^\]]+)\]/g)].map(([, code, link]) => code ?? link ?? '');

/** The commands that README.md tells people to type, as it writes them. */

/** Programs that a command begins with, after settings such as `PORT=9000`. */
const COMMAND = /^(?:[A-Z_]+=\S+ )*(?:(?:npm|npx) \S|examples\/\S+\.sh(?: |$)|for )/;

/** What stands in blocks of code and between backticks, without comments; each once, in order. */
export function commandsOf(markdown: string): string[] {
  const found = new Set<string>();
  let fenced = false;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) fenced = !fenced;
    const isCode = fenced || line.startsWith('    ');
    const texts = isCode
      ? (line.split(/\s#\s/)[0] ?? '').split('&&')
      : [...line.matchAll(/`([^`]+)`|\[(examples\/[^\]]+)\]/g)].map(([, code, link]) => code ?? link ?? '');
    for (const text of texts.map((one) => one.trim())) if (COMMAND.test(text)) found.add(text);
  }
  return [...found];
}

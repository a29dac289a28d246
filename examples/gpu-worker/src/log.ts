// Structured log: one JSON object a line. URLs are cut before the query, which holds their signature; tokens are never logged.

export type Log = (event: string, fields?: Readonly<Record<string, unknown>>) => void;

export const logToStdout: Log = (event, fields = {}) => {
  process.stdout.write(`${JSON.stringify({ event, time: new Date().toISOString(), ...fields })}\n`);
};

/** Origin and path of a URL, safe to print. */
export function withoutQuery(url: string): string {
  const cut = url.search(/[?#]/);
  return cut < 0 ? url : url.slice(0, cut);
}

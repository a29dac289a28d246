/**
 * Structured logs: one JSON object a line, with the ids to follow a request or a job through the system.
 * Never give it tokens, secrets or presigned URLs.
 */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

export function log(level: 'info' | 'warn' | 'error', event: string, fields: LogFields = {}): void {
  const line = JSON.stringify({ level, event, at: new Date().toISOString(), ...fields });
  if (level === 'error') console.error(line);
  else if (level === 'warn') console.warn(line);
  else console.log(line);
}

/** What a caught value says of itself, without its stack. Query strings are cut: they may hold signatures. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.replace(/\?[^\s"')]*/g, '?…').slice(0, 500);
}

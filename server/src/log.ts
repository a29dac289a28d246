/**
 * Structured logs: one JSON object a line, with the ids to follow a request or a job through the system. Never give it tokens, secrets
 * or presigned URLs; whatever looks like one all the same, and every secret among the settings, is blacked out.
 */
import { cutText } from './contract/text.ts';

export type LogFields = Record<string, string | number | boolean | null | undefined>;

const BLACK = '█';
/** Shorter values stand in too many texts that are no secrets. */
const MIN_HIDDEN = 8;
const hidden = new Set<string>();

/** Blacks these values out of every line from now on. */
export function hideInLogs(secrets: readonly (string | null)[]): void {
  for (const secret of secrets) if (secret !== null && secret.length >= MIN_HIDDEN) hidden.add(secret);
}

/** What credentials look like: schemes, JWTs, callback tokens, tickets, signatures, and parameters named after one. */
const CREDENTIALS: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[^\s"',]+/gi, `$1 ${BLACK}`],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, BLACK],
  [/\bcb_[\w-]{20,}/g, BLACK],
  [/\bwhsec_[\w+/=-]{20,}/g, BLACK],
  [/\busr_[\w-]+(?:\.\d+){1,2}\.[\w-]{20,}/g, BLACK],
  [/\bv1,[A-Za-z0-9+/]{20,}={0,2}/g, BLACK],
  [/\b(x-amz-(?:signature|credential|security-token)|ticket|token|secret|signature|key)=[^&\s"']+/gi, `$1=${BLACK}`],
];

/** What each of them has in it. */
const SUSPICIOUS = /bearer|basic|eyJ|cb_|whsec_|usr_|v1,|=/i;

/** Most texts hold nothing of the kind, and every request is logged. */
function mayHoldSecrets(text: string): boolean {
  for (const secret of hidden) if (text.includes(secret)) return true;
  return SUSPICIOUS.test(text);
}

/** The text without secrets and credentials. */
export function redact(text: string): string {
  if (!mayHoldSecrets(text)) return text;
  let clean = text;
  for (const secret of hidden) clean = clean.replaceAll(secret, BLACK);
  for (const [credential, instead] of CREDENTIALS) clean = clean.replace(credential, instead);
  return clean;
}

export function log(level: 'info' | 'warn' | 'error', event: string, fields: LogFields = {}): void {
  const entry: LogFields = { level, event, at: new Date().toISOString() };
  for (const [name, value] of Object.entries(fields)) entry[name] = typeof value === 'string' ? redact(value) : value;
  const line = JSON.stringify(entry);
  if (level === 'error') console.error(line);
  else if (level === 'warn') console.warn(line);
  else console.log(line);
}

/** Query strings may hold signatures. Cut after everything was blacked out, so that no credential is cut in half and passes for none. */
export const trimmed = (text: string, limit: number): string =>
  cutText(redact(text.replace(/(\?|%3F)[^\s"')]*/gi, '$1…')), limit);

/** What a caught value says of itself, without its stack. */
export function reasonOf(error: unknown): string {
  return trimmed(error instanceof Error ? `${error.name}: ${error.message}` : String(error), 500);
}

/** What should not have happened, for the log alone: why, and where. The platform puts our own lines into the stack, from the source map. */
export function failure(error: unknown): { reason: string; stack: string | null } {
  const stack = error instanceof Error ? error.stack : undefined;
  return { reason: reasonOf(error), stack: stack === undefined ? null : trimmed(stack, 4_000) };
}

/** Makes the lines of the local processes readable: one short line for each event, nothing for wrangler's own chatter. */

/** What wrangler prints about itself: its start, its bindings and its reloads. */
const CHATTER = /^(⎔|🤖|Your Worker has access|Binding\s+Resource|env\.\w+ \(|Using (vars|secrets) defined|\s*$)/;

/** wrangler's line about a request that the Worker logs itself. What goes to the local S3 endpoint is only in these lines. */
const LOGGED_TWICE = /^\[wrangler:info\] [A-Z]+ \/(trpc|jobs|health)\b/;

/** The line to show, or null for none. */
export function formatLine(source: string, line: string): string | null {
  if (CHATTER.test(line) || LOGGED_TWICE.test(line)) return null;
  const event = readEvent(line);
  const time = new Date().toTimeString().slice(0, 8);
  const who = source.padEnd(6);
  // Query strings hold signatures.
  if (!event) return `${time}  ${who}  ${line.replace('[wrangler:info] ', '').replace(/\?X-Amz-\S*/, '?…')}`;
  if (event.event === 'request') {
    const { method, path, status, ms, requestId } = event;
    return `${time}  ${who}  ${method} ${path} ${status} ${ms} ms  ${requestId}`;
  }
  const { level, event: name, at: _, ...fields } = event;
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const mark = level === 'error' ? '✘ ' : level === 'warn' ? '! ' : '';
  return `${time}  ${who}  ${mark}${String(name)}  ${rest.join(' ')}`.trimEnd();
}

/** A structured log line: an object with the name of an event. */
function readEvent(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'event' in value ? { ...value } : null;
  } catch {
    return null;
  }
}

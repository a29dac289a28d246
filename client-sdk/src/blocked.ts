/**
 * What a browser forbids a page looks to the page like a broken line: its Content-Security-Policy, and a server without a CORS rule for it.
 * Told apart here, so that the first try already says by name what is missing.
 */

/** As much of a browser's global scope as this takes. */
interface Page {
  addEventListener?(type: string, listener: (event: Violation) => void): void;
  document?: unknown;
  location?: { origin: string };
  fetch(url: string, init: object): Promise<unknown>;
}
interface Violation {
  blockedURI: string;
  effectiveDirective: string;
  disposition: string;
}

const page = globalThis as unknown as Page;
/** What the policy lacks, by the origin that it kept the page from. */
const policy: Record<string, string> = {};
let listens = false;
/** Origins that have answered: nothing is forbidden there. */
const open = new Set<string>();

const originOf = (url: string): string => /^\w+:\/\/[^/?#]+/.exec(url)?.[0] ?? '';

/** Before a request: a violation is told once, as it happens. */
export function watchPolicy(): void {
  if (listens) return;
  listens = true;
  page.addEventListener?.('securitypolicyviolation', ({ blockedURI, effectiveDirective, disposition }) => {
    if (disposition !== 'report') policy[originOf(blockedURI)] = effectiveDirective;
  });
}

export const hasAnswered = (url: string): void => void open.add(originOf(url));

/**
 * Why the page may not reach `url`, after a request without an answer; null where it is the line, and outside of browsers.
 * @param rule what names the page's origin where CORS is allowed
 */
export async function forbidden(url: string, rule: string): Promise<string | null> {
  const origin = originOf(url);
  const own = page.location?.origin;
  if (!page.document || !own || open.has(origin)) return null;
  // The violation is told after the request has failed.
  await new Promise((resolve) => setTimeout(resolve));
  const directive = policy[origin];
  if (directive) return `Content-Security-Policy: ${directive} lacks ${origin}`;
  if (origin === own || origin === '') return null;
  try {
    // Any answer will do, and this one needs no CORS.
    await page.fetch(`${origin}/`, { mode: 'no-cors', credentials: 'omit', cache: 'no-store' });
    return `CORS: ${rule} of ${origin} lacks ${own}`;
  } catch {
    return null;
  }
}

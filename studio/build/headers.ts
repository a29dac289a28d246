/**
 * `_headers`, by which static assets are served: the page may talk to its own origin, where the API is, and to the storage, and to nobody else.
 * Its scripts and styles are its own files; `wasm-unsafe-eval` is for the workers that turn HEIC into JPEG.
 */

const SECURITY = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
};

/** Where presigned URLs of Cloudflare R2 lead, whatever the account. */
export const R2_STORAGE = 'https://*.r2.cloudflarestorage.com';

const policy = (storage: string, scripts: string): string =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    "style-src 'self'",
    `img-src 'self' blob: data: ${storage}`,
    `connect-src 'self' blob: ${storage}`,
    "worker-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/**
 * @param storage origin of presigned URLs, such as `https://<account>.r2.cloudflarestorage.com`
 * @param pages their addresses; local stacks have one more
 */
export function siteHeaders(storage: string, pages: readonly string[] = ['/']): string {
  const page = { ...SECURITY, 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy(storage, "'self'") };
  // Their names change with their content.
  const files = {
    ...SECURITY,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'Content-Security-Policy': policy(storage, "'self' 'wasm-unsafe-eval'"),
  };
  return [...pages.map((where) => rule(where, page)), rule('/icon.svg', SECURITY), rule('/assets/*', files)].join('\n');
}

const rule = (where: string, headers: Record<string, string>): string =>
  `${where}\n${Object.entries(headers)
    .map(([name, value]) => `  ${name}: ${value}\n`)
    .join('')}`;

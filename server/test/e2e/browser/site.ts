/** The site that the page under test comes from: an origin of its own, which has nothing of the API's. */
import { createServer } from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';

const PAGE = `<!doctype html><meta charset="utf-8"><title>An app</title><link rel="icon" href="data:,">
<input type="file" multiple><script type="module" src="/page.js"></script>`;
const REACT_PAGE = `<!doctype html><meta charset="utf-8"><title>An app with React</title><link rel="icon" href="data:,">
<div id="root"></div><script type="module" src="/react-page.js"></script>`;
const PAGES: Record<string, string> = { '/': PAGE, '/react': REACT_PAGE };

export type Site = { origin: string; close(): void };

export async function serveSite(): Promise<Site> {
  const { outputFiles } = await build({
    entryPoints: ['page.ts', 'react-page.ts'].map((name) => path.join(import.meta.dirname, name)),
    define: { 'process.env.NODE_ENV': '"development"' },
    outdir: '/',
    bundle: true,
    splitting: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  const files = new Map(outputFiles.map(({ path: name, text }) => [name, text]));
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').replace(/\?.*/, '');
    const script = files.get(name);
    const page = PAGES[name];
    if (page !== undefined) response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    else if (script === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the site has no port');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://localhost:${address.port}`, close };
}

/** A page in Chromium with the built client on an origin of its own; its API and its storage on two others, in the hands of a test. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { FakeApi } from '../fake-api.ts';

declare global {
  var sdk: typeof import('../../src/index.ts');
}

const HTML = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><input type="file" multiple>
<script type="module" src="/dist/page.js"></script>`;
const SCRIPT = `import * as sdk from './index.js'; globalThis.sdk = sdk;`;
const DIST = path.resolve(import.meta.dirname, '../../dist');

export interface Visited {
  page: Page;
  api: FakeApi;
  apiOrigin: string;
  storageOrigin: string;
  /** Requests that reached the storage, preflights among them. */
  stored: string[];
  /** What the console was told. */
  said: string[];
  close(): Promise<void>;
}

export interface Rules {
  /** Of the page, by the origins of API and storage. */
  csp?: (api: string, storage: string) => string;
  /** Whether API and storage allow the page. */
  apiCors?: boolean;
  storageCors?: boolean;
}

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const ALLOWED = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, PUT',
  'access-control-allow-headers': 'authorization, content-type, if-none-match',
};

export async function visit(
  browser: Browser,
  { csp, apiCors = true, storageCors = true }: Rules = {},
): Promise<Visited> {
  let api: FakeApi | undefined;
  const stored: string[] = [];
  const answering = (cors: boolean, log: string[]) => async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const method = incoming.method ?? 'GET';
    log.push(method);
    const headers = cors ? ALLOWED : {};
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
    if (method === 'OPTIONS') return void outgoing.writeHead(204, headers).end();
    const url = `http://${incoming.headers.host}${incoming.url}`;
    const sent = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const body = method === 'GET' ? null : Buffer.concat(chunks);
    const answer = await api?.handle(new Request(url, { method, headers: sent, body })).catch(() => null);
    if (!answer) return void incoming.socket.destroy();
    outgoing.writeHead(answer.status, { ...Object.fromEntries(answer.headers), ...headers });
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  };
  const servers = [createServer(answering(apiCors, [])), createServer(answering(storageCors, stored))];
  const [apiOrigin = '', storageOrigin = ''] = await Promise.all(servers.map(listening));
  api = new FakeApi(storageOrigin);
  const site = createServer((request, response) => {
    const name = (request.url ?? '/').replace(/\?.*/, '');
    if (!name.startsWith('/dist/')) {
      const policy = csp && { 'content-security-policy': csp(apiOrigin, storageOrigin) };
      return void response.writeHead(200, { 'content-type': 'text/html', ...policy }).end(HTML);
    }
    const script = { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' };
    const file = name.slice('/dist/'.length);
    response.writeHead(200, script).end(file === 'page.js' ? SCRIPT : readFileSync(path.join(DIST, file)));
  });
  const context = await browser.newContext();
  const page = await context.newPage();
  const said: string[] = [];
  page.on('console', (message) => void said.push(message.text()));
  await page.goto(`${await listening(site)}/`);
  await page.waitForFunction(() => 'sdk' in globalThis);
  const close = async () => {
    await context.close();
    for (const server of [...servers, site]) {
      server.close();
      server.closeAllConnections();
    }
  };
  return { page, api, apiOrigin, storageOrigin, stored, said, close };
}

/** How a run of the photos in the page's input ends, and what it was told meanwhile. */
export function run({ page, apiOrigin }: Visited, storage: 'memory' | 'page' = 'memory') {
  return page.evaluate(
    async ([baseUrl, where]) => {
      const { createClient, webStorage } = globalThis.sdk;
      const client = createClient({ baseUrl, WebSocket: null, ...(where === 'page' && { storage: webStorage() }) });
      const waiting: unknown[] = [];
      const began = performance.now();
      try {
        const { status, items } = await client.jobs.run({
          preset: 'seller',
          files: document.querySelector('input')?.files ?? [],
          concepts: { Body: { action: 'remove' } },
          onWaiting: (one) => void waiting.push(one),
        });
        return {
          status,
          names: items.map(({ name }) => name),
          waiting,
          ms: performance.now() - began,
        };
      } catch (error) {
        return { error: JSON.parse(JSON.stringify(error)), waiting, ms: performance.now() - began };
      }
    },
    [apiOrigin, storage] as const,
  );
}

/**
 * Renders /panel for local development: a page that lists every procedure and calls it. Panel packages read files when they are
 * loaded, which the Workers runtime has none of, so the page is made here, in Node, and served as a static file.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { hashOf, isFresh, markFresh } from '../freshness.ts';
import { fromRoot, GENERATED } from '../paths.ts';
import { runStep } from '../run-step.ts';
import { describeRouter, NO_PROCEDURES, type Procedures } from './describe.ts';

/** Its packages stand apart because their peer ranges conflict with ours. */
const PANEL = fromRoot('start', 'panel', 'page');
const OUT = path.join(GENERATED, 'panel');
const PAGE = path.join(OUT, 'panel.html');
const ROUTER = fromRoot('server', 'src', 'rpc', 'router.ts');

const HINT =
  'Local development. auth.anon gives a token: put it under Headers as Authorization, with Bearer before it. ' +
  'The bolt fills in a sample, the braces open the input as JSON, which takes what the form cannot.';

type Render = (
  router: unknown,
  options: {
    url: string;
    transformer: 'superjson';
    meta: { title: string; description: string };
  },
) => string;

/** Makes the page when it is missing or out of date, and returns the folder to serve. */
export async function renderPanel(): Promise<string> {
  const hash = hashOf([fromRoot('server', 'src'), PANEL, import.meta.dirname]);
  if (existsSync(PAGE) && isFresh('panel', hash)) return OUT;
  await installPanel();
  const page = await render();
  mkdirSync(OUT, { recursive: true });
  writeFileSync(`${PAGE}.${process.pid}`, page);
  renameSync(`${PAGE}.${process.pid}`, PAGE);
  markFresh('panel', hash);
  return OUT;
}

async function installPanel(): Promise<void> {
  const stamp = path.join(PANEL, 'node_modules', '.s3-installed');
  const hash = hashOf([path.join(PANEL, 'package-lock.json')]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  console.log('Installing the packages of /panel, once …');
  const { ok, output } = await runStep('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: PANEL });
  if (!ok) throw new Error(`its packages could not be installed: ${output.trim()}`);
  writeFileSync(stamp, hash);
}

async function render(): Promise<string> {
  const bundle = path.join(GENERATED, 'panel-router', `router-${process.pid}.mjs`);
  await build({
    entryPoints: [ROUTER],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // Types of it are free; a value of it would fail here, on Node, and say so.
    external: ['cloudflare:*'],
    logLevel: 'silent',
  });
  const imported = import(pathToFileURL(bundle).href).finally(() => rmSync(bundle, { force: true }));
  const { appRouter }: { appRouter: { _def: { procedures: Procedures } } } = await imported;
  const panel = path.join(PANEL, 'node_modules', 'trpc-ui-zod4', 'lib', 'index.mjs');
  const { renderTrpcPanel }: { renderTrpcPanel: Render } = await import(pathToFileURL(panel).href);
  const page = quietly(() =>
    renderTrpcPanel(
      { _def: { router: true } },
      { url: '/trpc', transformer: 'superjson', meta: { title: 's3-workers', description: HINT } },
    ),
  );
  const editor = readFileSync(path.join(PANEL, 'json-editor.js'), 'utf8');
  return replaceOnce(
    replaceOnce(page, JSON.stringify(NO_PROCEDURES), inScript(describeRouter(appRouter._def.procedures))),
    '<head>',
    `<head><script>${editor}</script>`,
  );
}

/** It warns of the router that is empty on purpose. */
function quietly<T>(work: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return work();
  } finally {
    console.warn = warn;
  }
}

/** JSON inside a script element, which a `</script>` in a text would end. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

function replaceOnce(text: string, search: string, replacement: string): string {
  if (text.split(search).length !== 2)
    throw new Error(`the page of trpc-ui-zod4 has changed: no single ${search} in it`);
  return text.replace(search, () => replacement);
}

/**
 * `npm run contract-docs`: writes what the documents say of the contract from the contract itself: docs/schema/*.json, and the blocks
 * of docs/API.md, docs/GPU-WORKER.md and docs/DEPLOY.md between `<!-- NAME: npm run contract-docs -->` and `<!-- end -->`. `--check` writes nothing, and fails when one is stale.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { STATUS_WORDS } from '../../server/src/contract/callback.ts';
import { MAX_ITEM_ERROR } from '../../server/src/contract/limits.ts';
import { fromRoot } from '../../start/paths.ts';
import { conceptsShape, errorTable, procedureTable } from './api.ts';
import { schemas } from './schemas.ts';
import { settingTables } from './settings.ts';

const API = fromRoot('docs', 'API.md');
const WORKER = fromRoot('docs', 'GPU-WORKER.md');
const DEPLOY = fromRoot('docs', 'DEPLOY.md');

const wanted = new Map<string, string>();
for (const [name, schema] of Object.entries(schemas())) {
  wanted.set(fromRoot('docs', 'schema', `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
const apiBlocks = { procedures: `${await procedureTable()}\n\n${conceptsShape()}`, errors: errorTable() };
wanted.set(API, Object.entries(apiBlocks).reduce(withBlock, readFileSync(API, 'utf8')));
wanted.set(WORKER, withBlock(readFileSync(WORKER, 'utf8'), ['status', statusTable()]));
wanted.set(DEPLOY, Object.entries(settingTables()).reduce(withBlock, readFileSync(DEPLOY, 'utf8')));

const stale = [...wanted].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
const name = (file: string): string => file.slice(fromRoot('').length + 1);
if (process.argv.includes('--check')) {
  for (const [file] of stale) console.log(`${name(file)} is not what the contract says: npm run contract-docs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  mkdirSync(fromRoot('docs', 'schema'), { recursive: true });
  for (const [file, text] of stale) writeFileSync(file, text);
  console.log(stale.length === 0 ? 'all are up to date' : stale.map(([file]) => `wrote ${name(file)}`).join('\n'));
}

function statusTable(): string {
  const list = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ');
  return [
    '| status, in any case | what it does |',
    '|---|---|',
    `| ${list(STATUS_WORDS.done)} | settles the photo. Charged if its result lies in storage at the job's end |`,
    `| ${list(STATUS_WORDS.failed)} | settles the photo. Refunded; \`error\` is shown to its owner, ${MAX_ITEM_ERROR} characters of it |`,
  ].join('\n');
}

function withBlock(text: string, [block, body]: [string, string]): string {
  const begin = `<!-- ${block}: npm run contract-docs -->\n`;
  const [before, rest] = text.split(begin);
  const after = rest?.slice(rest.indexOf('<!-- end -->'));
  if (before === undefined || after === undefined) throw new Error(`there is no block ${block}`);
  return `${before}${begin}\n${body}\n\n${after}`;
}

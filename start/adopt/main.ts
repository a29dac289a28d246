/**
 * `npm run adopt`: the database of an earlier service under our migrations, and its users in their objects. Each run looks at what is there
 * and does what comes next, so one that was stopped is run again.
 */
import { flag, optionsOf, runCommand, text } from '../options.ts';
import { bringTo0001, look } from './adopt.ts';
import { adoptAt } from './call.ts';
import { openFile } from './file-database.ts';
import { importUsers, pending } from './import.ts';
import { importReport, reportOf } from './report.ts';
import type { Database } from './sql.ts';
import { openD1 } from './wrangler-database.ts';

const USAGE = `npm run adopt -- [--check] [--local [--persist-to DIR] | --file FILE] [--env NAME] [--url URL]

Brings the deployed D1 from an earlier service's tables to those of migrations/0001_schema.sql, keeping every row. Then the migrations
apply. On a migrated database it imports the earlier service's users into their objects, by the Worker at --url.

  --check       looks, says what it is and what becomes of each row, and changes nothing
  --local       the local D1 instead of the deployed one
  --file FILE   a file of \`wrangler d1 export\`, or SQLite's own: it is only looked at
  --env NAME    an environment of wrangler.toml
  --url URL     where the Worker is; ADMIN_SECRET stands in the environment`;

const SPEC = {
  check: flag(),
  local: flag(),
  'persist-to': text(null),
  file: text(null),
  env: text(null),
  url: text(null),
  help: flag('h'),
};
type Options = ReturnType<typeof optionsOf<typeof SPEC>>;

const width = process.stdout.columns ?? 110;
await runCommand((args) => optionsOf(SPEC, args, USAGE), USAGE, main);

async function main(options: Options): Promise<number> {
  const { check, file, local, env } = options;
  if (file !== null && !check) throw new Error('--file is only looked at: add --check');
  const db =
    file === null ? openD1({ database: 'DB', remote: !local, env, persistTo: options['persist-to'] }) : openFile(file);
  const looked = await look(db);
  console.log(reportOf(looked, width));
  const left = looked.which.kind === 'ours' ? await pending(db) : 0;
  if (looked.which.kind === 'ours') console.log(`\n${left} users of an earlier service are in no object yet.`);
  if (looked.which.kind === 'broken') return 1;
  if (check) return 0;
  if (looked.steps.length > 0) {
    await bringTo0001(db, ({ what }, at, of) => console.log(`[${at}/${of}] ${what}`));
    console.log('\nIts tables are as 0001 makes them, or later. What was set aside or changed stands in adopted_odd.');
  }
  if (looked.which.kind === 'older')
    console.log('Next: npm run deploy, which applies the migrations, then npm run adopt -- --url URL');
  return left === 0 ? 0 : imports(db, options);
}

async function imports(db: Database, { url }: Options): Promise<number> {
  const { ADMIN_SECRET: secret } = process.env;
  if (url === null || !secret) {
    console.log('Next: npm run adopt -- --url URL, with ADMIN_SECRET in the environment.');
    return 0;
  }
  const onPage = (done: number, of: number) => console.log(`${done} of ${of} users`);
  const imported = await importUsers({ db, adopt: adoptAt(url, secret), now: () => Date.now(), onPage });
  console.log(importReport(imported, width));
  return imported.untold === 0 ? 0 : 1;
}

/** What an adoption asks of others: wrangler, files that were exported, and the Worker; and what it tells whoever runs it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { look } from '../../adopt/adopt.ts';
import { adoptAt } from '../../adopt/call.ts';
import { openFile } from '../../adopt/file-database.ts';
import { importReport, reportOf } from '../../adopt/report.ts';
import { inCommands, openD1, rowsOf } from '../../adopt/wrangler-database.ts';
import { memory } from './memory.ts';
import { OLD } from './old-databases.ts';

const SECOND = OLD[1]?.sql ?? [];

describe('wrangler', () => {
  test('is asked for the rows of each statement, in as few commands as take them, and never in one that is too long', async () => {
    const asked: string[][] = [];
    const ran = (args: string[]) => {
      asked.push(args);
      const count = String(args.at(-1)).split(';\n').length;
      const output = JSON.stringify(
        Array.from({ length: count }, (_, n) => ({ results: [{ n }], success: true, meta: {} })),
      );
      return Promise.resolve({ ok: true, output: `▲ [WARNING] old\n\n${output}\n`, seconds: '', hung: false });
    };
    const db = openD1({ database: 'DB', remote: true, env: 'staging', persistTo: null }, ran);
    expect(await db.run(['SELECT 1', 'SELECT 2'])).toEqual([[{ n: 0 }], [{ n: 1 }]]);
    expect(asked).toEqual([
      ['d1', 'execute', 'DB', '--remote', '--json', '--yes', '--env', 'staging', '--command', 'SELECT 1;\nSELECT 2'],
    ]);
    const long = Array.from({ length: 100 }, (_, n) => `SELECT '${'한'.repeat(400)}${n}'`);
    const commands = inCommands(long);
    expect(commands.flat()).toEqual(long);
    expect(Math.max(...commands.map((some) => Buffer.byteLength(some.join(';\n'))))).toBeLessThan(64_000);
    expect(inCommands([])).toEqual([]);
  });

  test.for([
    [
      'an error of its own',
      false,
      '{\n  "error": {\n    "text": "no such column: email: SQLITE_ERROR",\n    "notes": []\n  }\n}',
      'no such column: email',
    ],
    ['words', false, '✘ [ERROR] Not logged in.\n', 'Not logged in'],
    ['nothing', true, '', 'wrangler d1 execute failed'],
    ['too few answers', true, '[{"results":[]}]', '1 of 2 statements'],
  ] as const)('that answers with %s stops the run with what it said', ([, ok, output, words]) => {
    expect(() => rowsOf(ok, output, 2)).toThrow(words);
  });
});

describe('an exported file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 's3-adopt-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.for(['sql', 'sqlite'])('of %s is read as it stands, and is the same after it', async (kind) => {
    const file = path.join(folder, `old.${kind}`);
    if (kind === 'sql')
      writeFileSync(file, ['PRAGMA defer_foreign_keys=TRUE', ...SECOND].map((one) => `${one};\n`).join(''));
    else {
      const sqlite = new DatabaseSync(file);
      for (const statement of SECOND) sqlite.exec(statement);
      sqlite.close();
    }
    const before = readFileSync(file);
    const db = openFile(file);
    const wanted = await look(memory(SECOND).db);
    expect(reportOf(await look(db), 100)).toBe(reportOf(wanted, 100));
    db.close();
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

test('the report names the database, what becomes of each table, every kind of odd row, and the steps, in lines that fit', async () => {
  const report = reportOf(await look(memory(SECOND).db), 80);
  for (const line of report.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(80);
  expect(report).toMatch(/^This database: an older schema: users without email and auth_provider/);
  expect(report).toMatch(/^ {2}users +5 +4 +1 +3 {2}adopted_users$/m);
  expect(report).toMatch(/^ {2}rules +1 +1 +0 +1 {2}adopted_rules$/m);
  for (const line of [
    '1 of users: id names nothing → set aside',
    '2 of users: credits is no whole number → carried, changed',
    '1 of jobs_log: it was under way',
  ]) {
    expect(report).toContain(line);
  }
  expect(report).toContain('Views and triggers, which are kept as text: note_user, paying');
  expect(report).toMatch(/^ {2}sessions +2$/m);
  expect(report).toContain('keep users as adopted_users');
});

test('the report of an import says who is in, who is not and why, and that it has to be run again', () => {
  const left = [{ table: 'rules' as const, id: 'r3', why: 'concepts: no JSON', becomes: 'aside' as const }];
  const report = importReport({ users: 3, credits: 428, rules: 2, left, untold: 1 }, 100);
  expect(report).toContain('3 users with 428 credits and 2 rules are in their objects.');
  expect(report).toContain('1 users are not in D1 as their objects have them yet: run it again.');
  expect(report).toContain('rules r3: concepts: no JSON → in no object');
});

describe('the Worker', () => {
  const user = { userId: 'u1', plan: 'pro', credits: 5, deviceHash: null, createdAt: 1, rules: [] };
  const refused = (errorCode: string, httpStatus: number, message = 'so it is') => ({
    error: { json: { message, data: { errorCode, httpStatus } } },
  });
  const taken = {
    result: { data: { json: { plan: 'pro', credits: { balance: 4, held: 1, spent: 0, granted: 5 } } } },
  };
  let server: Server;
  let answers: unknown[];
  let asked: { path: string | undefined; authorization: string | undefined; body: unknown }[];
  beforeEach(async () => {
    asked = [];
    server = createServer(async (request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { url, headers } = request;
      asked.push({
        path: url,
        authorization: headers.authorization,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      response.end(JSON.stringify(answers.length > 1 ? answers.shift() : answers[0]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));
  const call = () =>
    adoptAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'the-secret', async () => {});

  test('is asked under the secret, again while it cannot answer, and what it took counts', async () => {
    answers = [refused('SERVICE_UNAVAILABLE', 503), refused('RATE_LIMITED', 429), taken];
    expect(await call()(user)).toEqual({ ok: true, plan: 'pro', balance: 5 });
    const one = { path: '/trpc/admin.adopt', authorization: 'Bearer the-secret', body: { json: user } };
    expect(asked).toEqual([one, one, one]);
  });

  test('that refuses a user for good is asked once, and says why', async () => {
    answers = [refused('VALIDATION_ERROR', 400)];
    expect(await call()(user)).toEqual({ ok: false, why: 'VALIDATION_ERROR: so it is' });
    expect(asked).toHaveLength(1);
  });

  test('that is none of ours, or has another secret, stops the run', async () => {
    answers = [refused('NOT_FOUND', 404, 'no such procedure')];
    await expect(call()(user)).rejects.toThrow('it knows no admin.adopt under this ADMIN_SECRET');
    answers = [{}];
    await expect(call()(user)).rejects.toThrow('run it again');
  });
});

/** Small parts of the local stack. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { formatLine } from '../dev-log.ts';
import { hashOf } from '../freshness.ts';
import { formatEnv } from '../local/dev-vars.ts';
import { assertPortFree, freePort } from '../local/ports.ts';
import { claimState } from '../local/state-claim.ts';

const temporary = () => mkdtempSync(path.join(tmpdir(), 's3-test-'));

test('settings survive being written as .dev.vars and read again', () => {
  const settings = {
    PLAIN: 'abc=',
    URL: 'http://127.0.0.1:1/x?y=1#z',
    QUOTES: `it's "so"`,
    SPACES: ' a b ',
    EMPTY: '',
  };
  expect({ ...parseEnv(formatEnv(settings)) }).toEqual(settings);
});

test('a port in use is refused with what to do about it', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  await expect(assertPortFree(port)).rejects.toThrow(`port ${port} is in use`);
  await new Promise((resolve) => server.close(resolve));
  await assertPortFree(port);
});

test('a folder of state is refused while another process lives on it, and taken over when that one is gone', () => {
  const folder = temporary();
  writeFileSync(path.join(folder, '.in-use'), String(process.ppid));
  expect(() => claimState(folder)).toThrow(`in use by process ${process.ppid}`);
  writeFileSync(path.join(folder, '.in-use'), '999999999');
  expect(claimState(folder)).toBe(path.join(folder, '.in-use'));
  rmSync(folder, { recursive: true });
});

test('the hash of files changes with a name and with a byte', () => {
  const folder = temporary();
  writeFileSync(path.join(folder, 'a'), '1');
  const first = hashOf([folder]);
  writeFileSync(path.join(folder, 'a'), '2');
  const second = hashOf([folder]);
  writeFileSync(path.join(folder, 'b'), '');
  expect(new Set([first, second, hashOf([folder])]).size).toBe(3);
  expect(hashOf([path.join(folder, 'absent')])).toBe(hashOf([]));
});

test('the development log shows events on one line, no chatter and no signatures', () => {
  expect(formatLine('worker', '{"level":"error","event":"job.failed","at":"x","jobId":"j1","tries":2}')).toMatch(
    /^\d\d:\d\d:\d\d {2}worker {2}✘ job\.failed {2}jobId=j1 tries=2$/,
  );
  expect(formatLine('worker', 'env.DB (s3-db)          D1 Database      local')).toBeNull();
  expect(formatLine('worker', '[wrangler:info] POST /trpc/auth.anon 200 OK (9ms)')).toBeNull();
  const put = formatLine('worker', '[wrangler:info] PUT /cdn-cgi/local/r2/s3/b/k?X-Amz-Signature=abc 200 OK (3ms)');
  expect(put).toContain('PUT /cdn-cgi/local/r2/s3/b/k?… 200 OK');
});

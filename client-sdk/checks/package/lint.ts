/** What publint and attw (Are the types wrong?) say of the tarball, and npm of publishing it. */
import { readFile } from 'node:fs/promises';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { fromRoot } from '../../../start/paths.ts';
import { runStep } from '../../../start/run-step.ts';
import type { Row } from './table.ts';

export async function lintPackage(tarball: string): Promise<Row[]> {
  return [await withPublint(tarball), await withAttw(tarball), await withNpm()];
}

/** What `npm publish` would put right by itself, or could not send. Nobody is asked: nothing listens at that address. */
async function withNpm(): Promise<Row> {
  const nowhere = ['--registry=http://127.0.0.1:9/', '--fetch-retries=0'];
  const args = ['publish', '--dry-run', '--ignore-scripts', '--loglevel=warn', ...nowhere];
  const { ok, output } = await runStep('npm', args, { cwd: fromRoot('client-sdk') });
  const warnings = output
    .split('\n')
    .filter((line) => line.startsWith('npm warn publish') && !line.includes('logged in'));
  const isClean = ok && warnings.length === 0;
  const detail = ok ? warnings.join('\n') : output.trim();
  return { what: 'npm publish --dry-run', limit: 'no warning', value: isClean ? 'none' : 'some', ok: isClean, detail };
}

async function withPublint(tarball: string): Promise<Row> {
  const bytes = await readFile(tarball);
  const archive = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const { messages, pkg } = await publint({ pack: { tarball: archive }, strict: true });
  const detail = messages.map((message) => formatMessage(message, pkg, { color: false })).join('\n');
  const ok = messages.length === 0;
  return { what: 'publint, strict', limit: 'nothing to say', value: ok ? 'nothing' : `${messages.length}`, ok, detail };
}

async function withAttw(tarball: string): Promise<Row> {
  const cli = fromRoot('node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const args = [cli, tarball, '--no-emoji', '--no-color'];
  const { ok, output } = await runStep(process.execPath, args);
  return {
    what: 'attw, every resolution',
    limit: 'no problem',
    value: ok ? 'none' : 'problems',
    ok,
    detail: output.trim(),
  };
}

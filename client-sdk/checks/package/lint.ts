/** What publint and attw (Are the types wrong?) say of the tarball. */
import { readFile } from 'node:fs/promises';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { fromRoot } from '../../../start/paths.ts';
import { runStep } from '../../../start/run-step.ts';
import type { Row } from './table.ts';

export async function lintPackage(tarball: string): Promise<Row[]> {
  return [await withPublint(tarball), await withAttw(tarball)];
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

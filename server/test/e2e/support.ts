/** What the black-box tests share: the photos, the client, other programs, and waiting for what a poll can see. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient, type Job, type S3Client } from '../../../client-sdk/dist/index.js';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PHOTOS = path.join(ROOT, 'examples', 'photos');

export type PhotoFile = { name: string; data: Uint8Array };

/** The sample photos of a preset, in the order of their names. */
export function samplePhotos(preset: 'interior' | 'seller'): PhotoFile[] {
  const folder = path.join(PHOTOS, preset);
  const names = readdirSync(folder).filter((name) => name.endsWith('.jpg'));
  return names.sort().map((name) => ({ name, data: new Uint8Array(readFileSync(path.join(folder, name))) }));
}

/** A JPEG that stops in the middle. */
export function truncated(photo: PhotoFile): PhotoFile {
  return { name: 'truncated.jpg', data: photo.data.slice(0, 400) };
}

export type Rule = { concepts: Record<string, { action: 'recolor'; value: string }>; protect: string[] };
export function sampleRule(preset: 'interior' | 'seller'): Rule {
  return JSON.parse(readFileSync(path.join(ROOT, 'examples', 'rules', `${preset}.json`), 'utf8'));
}

export const clientOf = (baseUrl: string): S3Client => createClient({ baseUrl });

/** Looks again until `enough`, or fails after `tries` looks 250 ms apart. */
export async function until<T>(look: () => Promise<T>, enough: (seen: T) => boolean, tries = 200): Promise<T> {
  for (let n = 0; ; n++) {
    const seen = await look();
    if (enough(seen)) return seen;
    if (n >= tries) throw new Error(`not within ${tries} looks; the last one saw ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

export const hasEnded = (job: Job): boolean => ['done', 'failed', 'canceled'].includes(job.status);

export type Ran = { code: number | null; stdout: string; stderr: string };

/** Runs a program to its end. */
export async function run(command: string, args: string[], env: Record<string, string>): Promise<Ran> {
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...env } });
  const ran: Ran = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => {
    ran.stdout += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    ran.stderr += data.toString();
  });
  [ran.code] = (await once(child, 'close')) as [number | null];
  return ran;
}

export type Program = { port: number; lines: string[]; stop(): Promise<void> };

/** Starts a program that says `{"event":"listening","port":N}` on its first line, as both example GPU workers do. */
export async function startListening(command: string, args: string[], env: Record<string, string>): Promise<Program> {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  const [first] = (await once(output, 'line')) as [string];
  output.on('line', (line) => lines.push(line));
  const { port } = JSON.parse(first) as { port: number };
  const stop = async () => {
    if (child.exitCode !== null || !child.kill()) return;
    await once(child, 'exit');
  };
  return { port, lines, stop };
}

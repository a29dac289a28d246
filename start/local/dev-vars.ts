/** `.dev.vars`: the settings and secrets of local development, made with random secrets on first use and never overwritten. */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { fromRoot } from '../paths.ts';

export type Settings = Record<string, string>;

const DEV_VARS = fromRoot('.dev.vars');

const secret = (): string => randomBytes(32).toString('hex');

/** Reads `.dev.vars`, and writes it first where there is none. */
export function devVars(): Settings {
  createOnce();
  const settings: Settings = {};
  for (const [name, value] of Object.entries(parseEnv(readFileSync(DEV_VARS, 'utf8')))) {
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}

function createOnce(): void {
  const draft = `${DEV_VARS}.${process.pid}`;
  const lines = {
    JWT_SECRET: secret(),
    GPU_CALLBACK_SECRET: secret(),
    R2_ACCOUNT_ID: 'local',
    R2_ACCESS_KEY_ID: randomBytes(16).toString('hex'),
    R2_SECRET_ACCESS_KEY: secret(),
    R2_BUCKET_NAME: 's3-images',
    GPU_API_KEY: secret(),
    ADMIN_SECRET: secret(),
  };
  const text = `# Settings of local development, made by start/local on first run. Yours to change.\n${formatEnv(lines)}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    // A link, unlike a rename, fails when somebody else was first.
    linkSync(draft, DEV_VARS);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Settings in the format of a `.env` file. */
export function formatEnv(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${quote(name, value)}\n`)
    .join('');
}

function quote(name: string, value: string): string {
  if (/^[\w.:/@%+=-]*$/.test(value)) return value;
  const mark = ["'", '`', '"'].find((candidate) => !value.includes(candidate));
  if (mark === undefined) throw new Error(`the value of ${name} holds every kind of quote, which .dev.vars cannot`);
  return `${mark}${value}${mark}`;
}

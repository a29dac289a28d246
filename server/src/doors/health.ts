/** `GET /health`: what this deployment is and whether it is set up. No I/O, so it tells nothing of how others do. */
import type { Env } from '../bindings.ts';
import { SettingsError } from '../settings/error.ts';
import { settingsOf } from '../settings/settings.ts';
import { answer } from '../wire/envelope.ts';

export const VERSION = '0.1.0';
const BINDINGS = [
  'DB',
  'R2',
  'GPU_QUEUE',
  'SIGNUP_LIMIT',
  'MUTATION_LIMIT',
  'USER_LIMITER',
  'JOB_COORDINATOR',
] as const;

export function health(env: Env, requestId: string): Response {
  const bindings = Object.fromEntries(BINDINGS.map((name) => [name, env[name] !== undefined]));
  const problems = problemsOf(env);
  const healthy = problems.length === 0 && Object.values(bindings).every(Boolean);
  const data = { status: healthy ? 'ok' : 'unavailable', version: VERSION, bindings, settings: { problems } };
  return answer(requestId, data, healthy ? 200 : 503);
}

function problemsOf(env: Env): string[] {
  try {
    settingsOf(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.settings;
    throw error;
  }
}

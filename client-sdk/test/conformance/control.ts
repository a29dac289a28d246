/** Directing a scripted GPU worker that runs elsewhere, over HTTP: for runtimes that cannot start one. */
import type { Control, Env, Outcome } from './env.ts';

/** What can be asked of it: `POST /control` with `{ verb, args }` is answered with `{ value }` or `{ error }`. */
export const VERBS = ['dispatched', 'done', 'fail', 'upgrade'] as const satisfies readonly (keyof Control)[];

/** @param url of the scripted GPU worker, without a trailing slash */
export function controlOver(fetch: Env['fetch'], url: string): Control {
  const ask = async (verb: keyof Control, ...args: unknown[]): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/control`, { method: 'POST', headers, body: JSON.stringify({ verb, args }) });
    const { value, error } = (await answer.json()) as { value?: unknown; error?: string };
    if (error !== undefined) throw new Error(`the scripted GPU worker: ${error}`);
    return value;
  };
  return {
    // JSON has no undefined.
    dispatched: async (jobId, attempt = 1) => (await ask('dispatched', jobId, attempt)) as { indexes: number[] },
    done: async (jobId, idx) => (await ask('done', jobId, idx)) as Outcome,
    fail: async (jobId, idx, reason) => (await ask('fail', jobId, idx, reason)) as Outcome,
    upgrade: async (userId) => void (await ask('upgrade', userId)),
  };
}

/** The suite as it runs inside a runtime: the conformance cases and the client's own, a few at a time, each telling how it went. */
import { createClient } from '../../src/index.ts';
import { type Case, casesFor, type Env } from '../../test/conformance/cases.ts';
import { controlOver } from '../../test/conformance/control.ts';
import { within } from '../../test/conformance/expect.ts';
import { CLIENT_CASES } from './cases.ts';

/** Where the stack and the GPU worker are. */
export type Target = { baseUrl: string; control: string };
/** What became of a case; `error` is null when it passed. `left` is for one that this runtime cannot run, and why. */
export type Told = { name: string; error: string | null; left?: string };

/** Cases at a time: most of what they do is to wait for the queue. */
const AT_ONCE = 4;
const CASE_MS = 60_000;

const TRIES = 3;

/**
 * `wrangler dev` loses a connection now and then after it has refused a PUT unread. It says so with a 500, and workerd, whose `fetch`
 * was still sending, by throwing: neither is an answer of the storage's.
 */
const fetch: Env['fetch'] = async (url, init) => {
  for (let tries = 1; ; tries++) {
    const answer = await answerOf(url, init);
    const lost = answer instanceof Error || (answer.status === 500 && (await isLost(answer)));
    if (!lost) return answer;
    if (tries < TRIES) continue;
    if (answer instanceof Error) throw answer;
    return answer;
  }
};

/** The error, where `fetch` says that the connection was lost. */
async function answerOf(...[url, init]: Parameters<Env['fetch']>): Promise<Response | Error> {
  try {
    return await globalThis.fetch(url, init);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Network connection lost')) return error;
    throw error;
  }
}

const isLost = async (answer: Response): Promise<boolean> =>
  (await answer.clone().text()).startsWith('Error: Network connection lost');

export async function runSuite({ baseUrl, control }: Target, tell: (told: Told) => void): Promise<void> {
  const WebSocket = (globalThis as { WebSocket?: Env['WebSocket'] }).WebSocket ?? null;
  const env: Env = { baseUrl, fetch, WebSocket, createClient, control: controlOver(fetch, control) };
  const own = CLIENT_CASES.filter(({ needsWebSocket }) => !needsWebSocket || WebSocket !== null);
  for (const { name } of CLIENT_CASES) {
    if (!own.some((one) => one.name === name)) tell({ name, error: null, left: 'no WebSocket' });
  }
  const waiting = [...casesFor(env), ...own];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) tell(await runOne(next, env));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function runOne({ name, run }: Case, env: Env): Promise<Told> {
  try {
    await within(run(env), 'the end of the case', CASE_MS);
    return { name, error: null };
  } catch (error) {
    return { name, error: error instanceof Error ? error.message : String(error) };
  }
}

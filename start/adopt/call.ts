/** `admin.adopt` of a deployed Worker, over HTTP. It may be repeated, so what comes to nothing is tried again. */
import type { Answer } from './import.ts';
import type { Carried } from './old-user.ts';

const TRIES = 5;
const WAIT_MS = 1_000;
const LIMIT_MS = 30_000;

type Reply = {
  result?: {
    data: { json: { plan: string; credits: { balance: number; held: number; spent: number; granted: number } } };
  };
  error?: { json: { message: string; data: { errorCode: string; httpStatus: number } } };
};

/** @param wait as long as that, in milliseconds */
export function adoptAt(
  url: string,
  secret: string,
  wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
): (user: Carried) => Promise<Answer> {
  const ask = async (user: Carried): Promise<Reply> => {
    const response = await fetch(new URL('/trpc/admin.adopt', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ json: user }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return (await response.json()) as Reply;
  };
  return async (user) => {
    let last = '';
    for (let tries = 0; tries < TRIES; tries++) {
      if (tries > 0) await wait(WAIT_MS * 2 ** (tries - 1));
      try {
        const answer = answerOf(await ask(user));
        if (answer.ok || answer.final) return answer.ok ? answer : { ok: false, why: answer.why };
        last = answer.why;
      } catch (error) {
        last = error instanceof Error ? error.message : String(error);
      }
    }
    throw new Error(`${url} does not take ${user.userId}: ${last}. What is done is done: run it again`);
  };
}

type Told = { ok: true; plan: string; balance: number } | { ok: false; final: boolean; why: string };

function answerOf({ result, error }: Reply): Told {
  if (result !== undefined) {
    const { plan, credits } = result.data.json;
    return { ok: true, plan, balance: credits.granted - credits.spent };
  }
  if (error === undefined) throw new Error('it answers what no Worker of ours does');
  const { message, data } = error.json;
  if (message === 'no such procedure') throw new Error('it knows no admin.adopt under this ADMIN_SECRET');
  return { ok: false, final: data.httpStatus < 500 && data.httpStatus !== 429, why: `${data.errorCode}: ${message}` };
}

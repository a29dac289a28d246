/** Who calls the bundle, and what answers hold. */
import { Unprepared } from './breach.ts';
import { at, type Reply } from './http.ts';

export type User = { userId: string; token: string };

/** What a procedure returned. Throws when it was refused: for what prepares an attack. */
export function data(reply: Reply): unknown {
  const found = at(reply.json, 'result', 'data', 'json');
  if (reply.status !== 200 || found === undefined) {
    throw new Unprepared(`a call that prepares the attack answered ${reply.status}: ${reply.body.slice(0, 300)}`);
  }
  return found;
}

export function text(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`no text at ${path.join('.')} of ${JSON.stringify(value)}`);
  return found;
}

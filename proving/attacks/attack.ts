/** What an attack is: a name, what has to come back, and what it may change, which is nothing unless it says so. */
export { Breach, must, Unprepared } from '../world/bundle/breach.ts';

import type { Reply } from '../world/bundle/http.ts';
import type { World } from '../world/bundle/world.ts';
import type { WorldName } from '../world/bundle/worlds.ts';

/** The groups of the threat model, in the order in which they are printed. */
export const GROUPS = [
  'tokens',
  'sign-up',
  'callbacks',
  'ownership',
  'legal calls',
  'tRPC',
  'presigning',
  'network',
  'secrets',
  'kept',
  'supply chain',
] as const;
export type GroupName = (typeof GROUPS)[number];

/** What has to come back: of several statuses or codes, one. */
export type Answer = { status: number | readonly number[]; code?: string | readonly (string | null)[]; body?: RegExp };

export type Options = {
  /** Which deployment it runs against; `main` unless told. */
  world?: WorldName;
  /** Takes seconds: left out of `--short`. */
  long?: true;
  /** Looks at what all the others left behind: run at the end. */
  last?: true;
  /** Paths of the snapshot (world/snapshot.ts) that may change; anything else that does means that the attack succeeded. */
  changes?: readonly RegExp[] | ((world: World) => readonly RegExp[]);
};

export type Act = () => Promise<Reply | readonly Reply[]>;
export type Attack = {
  group: GroupName;
  name: string;
  answer: Answer;
  options: Options;
  /** Whether `arrange` changes anything itself. */
  staged: boolean;
  /** Makes ready what the attack needs. The snapshot is taken before what it returns is run. */
  arrange(world: World): Promise<Act>;
};

/**
 * What an attack got:
 *
 * - `answer`: a reply other than the one that must come back; `fault`: a 500; `internals`: a reply that shows our insides
 * - `change`: something that must stay changed; `ledger`: a promise of proving/world/promises.ts does not hold, such as that credits add up
 * - `reached`: the service called where it must not
 * - `claim`: what the attack itself looks at
 * - `unprepared`, `broke`: nothing can be said, which is a failure all the same
 */
export type Got = {
  kind: 'answer' | 'fault' | 'internals' | 'change' | 'ledger' | 'reached' | 'claim' | 'unprepared' | 'broke';
  text: string;
  /** Of the reply, where it was one. */
  status?: number;
};

/** Collects the attacks of one group. */
export class Group {
  readonly name: GroupName;
  readonly attacks: Attack[] = [];

  constructor(name: GroupName) {
    this.name = name;
  }

  /** An attack on what is there already. */
  attack(
    name: string,
    answer: Answer,
    run: (world: World) => Promise<Reply | readonly Reply[]>,
    options: Options = {},
  ): void {
    const arrange: Attack['arrange'] = async (world) => () => run(world);
    this.attacks.push({ group: this.name, name, answer, options, staged: false, arrange });
  }

  /** An attack that first needs something of its own. */
  staged(name: string, answer: Answer, arrange: Attack['arrange'], options: Options = {}): void {
    this.attacks.push({ group: this.name, name, answer, options, staged: true, arrange });
  }
}

export const answers = (status: number | readonly number[], code?: Answer['code'], body?: RegExp): Answer => ({
  status,
  ...(code === undefined ? {} : { code }),
  ...(body === undefined ? {} : { body }),
});

/** Why a reply is not the answer that was expected; null when it is. */
export function mismatch(reply: Reply, { status, code, body }: Answer): string | null {
  const statuses = typeof status === 'number' ? [status] : status;
  const said = `it answered ${reply.status} ${reply.code ?? ''} ${reply.body.slice(0, 300)}`;
  if (!statuses.includes(reply.status)) return `${said}, not ${statuses.join(' or ')}`;
  if (code !== undefined) {
    const codes: readonly (string | null)[] = typeof code === 'string' ? [code] : code;
    if (!codes.includes(reply.code)) return `${said}, not ${codes.join(' or ')}`;
  }
  return body === undefined || body.test(reply.body) ? null : `${said}, which does not match ${body}`;
}

/** A weakness: a small mistake that somebody might really make, and the attacks that must succeed while it is there. */
import type { Attack, Got } from '../../attacks/attack.ts';
import type { Change } from '../../world/copy.ts';

export type Weakness = {
  /** What is wrong, in a few words; unique. */
  name: string;
  /** More than one where a second defence stands behind the first: both have to be gone. */
  changes: readonly Change[];
  /** `group: name` of attacks; with `*` at its end, all that begin like it, each of which must succeed. */
  catches: readonly string[];
  /** What one breach of each of them must say; when left out, one that {@link isWon} takes for a success. */
  got?: RegExp;
};

export const nameOf = ({ group, name }: Attack): string => `${group}: ${name}`;

/** Where the defences stand. */
export const server = (path: string): string => `server/src/${path}.ts`;

/** The attacks that one entry of `catches` means. */
export function attacksOf<T extends Pick<Attack, 'group' | 'name'>>(pattern: string, attacks: readonly T[]): T[] {
  const isMeant = ({ group, name }: T): boolean => {
    const full = `${group}: ${name}`;
    return pattern.endsWith('*') ? full.startsWith(pattern.slice(0, -1)) : full === pattern;
  };
  return attacks.filter(isMeant);
}

const WON: ReadonlySet<Got['kind']> = new Set(['change', 'ledger', 'reached', 'claim', 'internals']);
const NOTHING_SAID: ReadonlySet<Got['kind']> = new Set(['unprepared', 'broke']);

/** Whether the attacker got what he was after: a world that merely broke, or refuses in other words, gives him nothing. */
export function isWon({ kind, status = 0 }: Got): boolean {
  return WON.has(kind) || (kind === 'answer' && ((status >= 200 && status < 300) || status === 101));
}

/** Whether an attack caught the weakness. */
export const isCaught = (breaches: readonly Got[], { got }: Pick<Weakness, 'got'>): boolean =>
  breaches.some((one) => (got === undefined ? isWon(one) : !NOTHING_SAID.has(one.kind) && got.test(one.text)));

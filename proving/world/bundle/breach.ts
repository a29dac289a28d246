/** What ends an attack, or what makes one ready. */

/** Thrown when the attack got something; the message says what. */
export class Breach extends Error {
  override readonly name = 'Breach';
}

/** Thrown when what an attack needs could not be made ready: it says nothing of the defence. */
export class Unprepared extends Error {
  override readonly name = 'Unprepared';
}

/** Throws a {@link Breach} unless `held`. */
export function must(held: boolean, breach: string): asserts held {
  if (!held) throw new Breach(breach);
}

/** Chances of a load run: each depends on the seed and on what it is asked about, never on the order of asking, so a seed replays them. */

export type About = string | number;

export class Dice {
  readonly #seed: string;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** A number in [0, 1). */
  draw(...about: About[]): number {
    return hash53(`${this.#seed}|${about.join('|')}`) / 2 ** 53;
  }

  chance(probability: number, ...about: About[]): boolean {
    return this.draw(...about) < probability;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number, ...about: About[]): number {
    return min + Math.floor(this.draw(...about) * (max - min + 1));
  }

  pick<T>(list: readonly [T, ...T[]], ...about: About[]): T {
    return list[Math.floor(this.draw(...about) * list.length)] ?? list[0];
  }

  shuffle<T>(list: readonly T[], ...about: About[]): T[] {
    return list
      .map((value, at) => ({ value, order: this.draw(...about, at) }))
      .sort((a, b) => a.order - b.order)
      .map(({ value }) => value);
  }
}

/** cyrb53, a public-domain string hash with 53 bits: https://github.com/bryc/code/blob/master/jshash/experimental/cyrb53.js */
function hash53(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}

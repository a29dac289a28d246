/** Names for what the demo writes: no two that any file system takes for one, and none that is too long for one. */

/** File systems take 255 bytes in a name: room is left for what stands behind it, such as `-masked.jpg`. */
const MOST_BYTES = 200;

/** A name for each of `wanted`, in their order: itself where it can be, else cut or with a number behind it. */
export function distinctNames(wanted: readonly string[]): string[] {
  const taken = new Set<string>();
  return wanted.map((name) => {
    for (let nth = 1; ; nth++) {
      const number = nth === 1 ? '' : `-${nth}`;
      const candidate = cut(name, MOST_BYTES - number.length) + number;
      if (taken.has(folded(candidate))) continue;
      taken.add(folded(candidate));
      return candidate;
    }
  });
}

/** As file systems compare names that keep neither case nor how an accent was typed. */
const folded = (name: string): string => name.normalize('NFC').toLowerCase().normalize('NFC');

/** By whole characters. */
function cut(name: string, bytes: number): string {
  const characters = [...name];
  while (Buffer.byteLength(characters.join('')) > bytes) characters.pop();
  return characters.join('');
}

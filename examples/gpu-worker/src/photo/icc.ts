// ICC profiles (ICC.1): is one fit to be used, and making one from primaries and a gamma.

export interface Chromaticities {
  readonly white: readonly [number, number];
  readonly red: readonly [number, number];
  readonly green: readonly [number, number];
  readonly blue: readonly [number, number];
}

export const SRGB_PRIMARIES: Chromaticities = {
  white: [0.3127, 0.329],
  red: [0.64, 0.33],
  green: [0.3, 0.6],
  blue: [0.15, 0.06],
};

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

/** White of the space in which profiles meet (D50), as the standard writes it. */
const D50: Vector = [0.9642, 1, 0.8249];
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

const three = <T, U>([a, b, c]: readonly [T, T, T], to: (value: T, i: number) => U): [U, U, U] => [
  to(a, 0),
  to(b, 1),
  to(c, 2),
];
const times = (m: Matrix, [x, y, z]: Vector): Vector => three(m, ([a, b, c]) => a * x + b * y + c * z);
const transposed = (m: Matrix): Matrix => three([0, 1, 2], (i) => three(m, (row) => row[i]!));
const product = (m: Matrix, n: Matrix): Matrix => transposed(three(transposed(n), (column) => times(m, column)));

function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const [A, B, C] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const n = a * A + b * B + c * C;
  return [
    [A / n, (c * h - b * i) / n, (b * f - c * e) / n],
    [B / n, (a * i - c * g) / n, (c * d - a * f) / n],
    [C / n, (b * g - a * h) / n, (a * e - b * d) / n],
  ];
}

const xyz = ([x, y]: readonly [number, number]): Vector => [x / y, 1, (1 - x - y) / y];

/** Columns: what red, green and blue are in XYZ under D50. */
function colorants({ white, red, green, blue }: Chromaticities): Matrix {
  const corners = transposed([xyz(red), xyz(green), xyz(blue)]);
  const share = times(inverse(corners), xyz(white));
  const scaled = three(corners, (row) => three(row, (v, i) => v * share[i]!));
  const [from, to] = [times(BRADFORD, xyz(white)), times(BRADFORD, D50)];
  const gain: Matrix = [
    [to[0] / from[0], 0, 0],
    [0, to[1] / from[1], 0],
    [0, 0, to[2] / from[2]],
  ];
  return product(product(inverse(BRADFORD), product(gain, BRADFORD)), scaled);
}

const fixed = (...values: number[]): Buffer => {
  const out = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) out.writeInt32BE(Math.round(value * 65_536), 4 * i);
  return out;
};

const tagged = (type: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${type}\0\0\0\0`, 'latin1'), body]);

function described(name: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(name.length + 1);
  return tagged('desc', Buffer.concat([head, Buffer.from(`${name}\0`, 'latin1'), Buffer.alloc(78)]));
}

/** A curve of one gamma: 8.8 fixed point, or, as that is coarse, a table. */
function curve(gamma: number): Buffer {
  const STEPS = 1024;
  const out = Buffer.alloc(4 + 2 * STEPS);
  out.writeUInt32BE(STEPS);
  for (let i = 0; i < STEPS; i++) out.writeUInt16BE(Math.round(65_535 * (i / (STEPS - 1)) ** gamma), 4 + 2 * i);
  return tagged('curv', out);
}

/** A version 2 profile; null for primaries that span no colours. */
export function matrixProfile(primaries: Chromaticities, gamma: number, grey = false): Buffer | null {
  const columns = transposed(colorants(primaries));
  if (!columns.flat().every((v) => Number.isFinite(v) && Math.abs(v) < 4)) return null;
  const trc = curve(gamma);
  const tags: [string, Buffer][] = [
    ['desc', described('stated colours')],
    ['cprt', tagged('text', Buffer.from('none\0', 'latin1'))],
    ['wtpt', tagged('XYZ ', fixed(...D50))],
    ...(grey
      ? ([['kTRC', trc]] as [string, Buffer][])
      : columns.flatMap((column, i): [string, Buffer][] => [
          [`${'rgb'[i]}XYZ`, tagged('XYZ ', fixed(...column))],
          [`${'rgb'[i]}TRC`, trc],
        ])),
  ];
  return assemble(tags, grey ? 'GRAY' : 'RGB ');
}

function assemble(tags: readonly [string, Buffer][], space: string): Buffer {
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length);
  const bodies: Buffer[] = [];
  let at = 128 + table.length;
  for (const [i, [name, body]] of tags.entries()) {
    table.write(name, 4 + 12 * i, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * i);
    table.writeUInt32BE(body.length, 12 + 12 * i);
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    bodies.push(padded);
    at += padded.length;
  }
  const head = Buffer.alloc(128);
  head.writeUInt32BE(at, 0);
  head.writeUInt32BE(0x02400000, 8);
  head.write(`mntr${space}XYZ `, 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  fixed(...D50).copy(head, 68);
  return Buffer.concat([head, table, ...bodies]);
}

const CHANNELS: Readonly<Record<string, number>> = { GRAY: 1, 'RGB ': 3, CMYK: 4 };

/** Can the profile be used for a picture of so many colour channels? A broken or foreign one is passed over, as viewers do. */
export function usable(profile: Buffer, channels: number): boolean {
  if (profile.length < 132 || profile.toString('latin1', 36, 40) !== 'acsp') return false;
  if (CHANNELS[profile.toString('latin1', 16, 20)] !== channels) return false;
  const count = profile.readUInt32BE(128);
  if (count > 100 || profile.length < 132 + 12 * count) return false;
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const at = 132 + 12 * i;
    if (profile.readUInt32BE(at + 4) + profile.readUInt32BE(at + 8) > profile.length) return false;
    names.add(profile.toString('latin1', at, at + 4));
  }
  if (names.has('A2B0')) return true;
  const needed = channels === 1 ? ['kTRC'] : ['rXYZ', 'gXYZ', 'bXYZ', 'rTRC', 'gTRC', 'bTRC'];
  return channels !== 4 && needed.every((name) => names.has(name));
}

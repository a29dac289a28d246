/** The least that a Worker can do of what our calls are made of: the units that they are told in (limits.ts). */
import type { Call } from '../api.ts';
import type { Floor } from '../floor.ts';

/** By letter: what it is, and the floor Worker's path. `h` is not the floor Worker's: it is measured in the service's own isolate (cpu.ts). */
const FLOORS = {
  a: ['new Response("ok")', '/'],
  b: ['object read', '/object-read'],
  c: ['D1 read', '/d1-read'],
  d: ['D1 insert', '/d1-insert'],
  e: ['object write', '/object-write'],
  f: ['first write of a new object', '/new-object'],
  g: ["Miniflare's rate limiter, a new key", '/rate-limit'],
} as const;
export type FloorLetter = keyof typeof FLOORS;

export const FLOOR_LETTERS = Object.keys(FLOORS) as FloorLetter[];
/** Those that something is told in, so that rounds have to agree on them. */
export const UNITS = ['a', 'b', 'e', 'f'] as const satisfies FloorLetter[];

export const nameOfFloor = (letter: FloorLetter): string => `floor (${letter}) ${FLOORS[letter][0]}`;
export const floorCalls = ({ url }: Pick<Floor, 'url'>, letter: FloorLetter, count: number): Call[] =>
  Array.from({ length: count }, () => ({ url: `${url}${FLOORS[letter][1]}` }));

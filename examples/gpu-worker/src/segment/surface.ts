// How light falls over a photo: the smooth surface of second order that fits its planes best.

import { solve } from './linear.ts';

/** The value of a plane's surface at a cell. */
export type Surface = (cell: number, plane: number) => number;

type Line = Float64Array;

/** `counts`: the cells that are fitted. Null when they are too few. */
export function smoothSurface(
  planes: readonly Float32Array[],
  columns: number,
  rows: number,
  counts: (cell: number) => boolean = () => true,
): Surface | null {
  const across = (i: number): number => (2 * (i % columns)) / columns - 1;
  const down = (i: number): number => (2 * Math.floor(i / columns)) / rows - 1;
  const system = Array.from({ length: 6 }, () => new Array<number>(6 + planes.length).fill(0));
  for (let i = 0; i < columns * rows; i++) {
    if (!counts(i)) continue;
    const [x, y] = [across(i), down(i)];
    const t = [1, x, y, x * x, y * y, x * y];
    for (let r = 0; r < 6; r++) {
      for (let c = 0; c < 6; c++) system[r]![c] = system[r]![c]! + t[r]! * t[c]!;
      for (let p = 0; p < planes.length; p++) system[r]![6 + p] = system[r]![6 + p]! + t[r]! * planes[p]![i]!;
    }
  }
  const fit = solve(system, 6);
  if (!fit) return null;
  const values = fit.map((of) => Float64Array.from(of));
  const [one, x1, y1, xx, yy, xy] = values as [Line, Line, Line, Line, Line, Line];
  return (i, p) => {
    const x = across(i);
    const y = down(i);
    return one[p]! + x * (x1[p]! + x * xx[p]! + y * xy[p]!) + y * (y1[p]! + y * yy[p]!);
  };
}

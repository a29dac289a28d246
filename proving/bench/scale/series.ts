/** What was measured at several sizes, and by how much it grows. */

export type Series = { name: string; at: number[]; values: number[] };

/** Least squares: by how much `values` grow for one more. */
export function slope(series: Series): number {
  // What a size does not have, such as a callback before the last photo of one, is no point of the line.
  const points = series.at.flatMap((x, n) => {
    const value = series.values[n];
    return value !== undefined && Number.isFinite(value) ? [[x, value] as const] : [];
  });
  const [at, values] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const mean = (numbers: number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  const [x, y] = [mean(at), mean(values)];
  const top = at.reduce((sum, one, n) => sum + (one - x) * ((values[n] ?? 0) - y), 0);
  return top / at.reduce((sum, one) => sum + (one - x) ** 2, 0);
}

// Small systems of linear equations.

/** Solves A·x = b for several b at once by elimination with pivots; `rows` holds A and the b beside it. Null when A is singular. */
export function solve(rows: number[][], size: number): number[][] | null {
  const m = rows.map((row) => [...row]);
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let r = k + 1; r < size; r++) if (Math.abs(m[r]![k]!) > Math.abs(m[pivot]![k]!)) pivot = r;
    if (Math.abs(m[pivot]![k]!) < 1e-9) return null;
    [m[k], m[pivot]] = [m[pivot]!, m[k]!];
    for (let r = 0; r < size; r++) {
      if (r === k) continue;
      const factor = m[r]![k]! / m[k]![k]!;
      for (let c = k; c < m[r]!.length; c++) m[r]![c] = m[r]![c]! - factor * m[k]![c]!;
    }
  }
  return m.map((row, k) => row.slice(size).map((v) => v / row[k]!));
}

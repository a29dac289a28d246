// What a detector says about one concept in one photo: where it is, or why it says nothing.

import { area, type Mask } from './mask.ts';

export type Finding =
  | { readonly found: true; readonly mask: Mask }
  | { readonly found: false; readonly reason: string };

export type Detectors = Readonly<Record<string, () => Finding>>;

/** Shares of the photo outside which a mask is taken for a mistake. */
export const LEAST_SHARE = 0.003;
export const MOST_SHARE = 0.97;

export const missing = (reason: string): Finding => ({ found: false, reason });

export function finding(mask: Mask | null, reason: string): Finding {
  if (!mask) return missing(reason);
  const share = area(mask) / mask.length;
  if (share < LEAST_SHARE) return missing(reason);
  if (share > MOST_SHARE) return missing('it would cover the whole photo');
  return { found: true, mask };
}

/** Computes once, at the first call. */
export function lazy<T>(compute: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: compute() };
    return made.value;
  };
}

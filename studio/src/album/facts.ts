/**
 * What is known of each file of the album: whether it can be sent, whether it is there twice, and a small picture of it. Found out once for
 * each, however often it is shown, a few at a time, and nothing of it in the page's own thread that takes long.
 */
import type { InvalidFile, PhotoFile } from '@s3-workers/client-sdk';
import { useSyncExternalStore } from 'react';

export interface Facts {
  /** Whether it was looked at. */
  looked: boolean;
  /** Why it can't be sent; null if it can. */
  refused: InvalidFile | null;
  /** The same for two files of one content. */
  print: string | null;
  /** URL of a small picture; null while there is none, and for a file that shows none. */
  picture: string | null;
  /** Whether a JPEG is made of it: `failed` leaves the reason why it can't be sent, which says how to save it as one. */
  jpeg: 'none' | 'making' | 'failed';
}

const UNKNOWN: Facts = { looked: false, refused: null, print: null, picture: null, jpeg: 'none' };

const facts = new Map<PhotoFile, Facts>();
const listeners = new Set<() => void>();
let version = 0;
let telling = false;

/** Many change at once: they are told together. */
function tell(): void {
  version++;
  if (telling) return;
  telling = true;
  queueMicrotask(() => {
    telling = false;
    for (const listener of [...listeners]) listener();
  });
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const factsOf = (file: PhotoFile | null): Facts => (file === null ? UNKNOWN : (facts.get(file) ?? UNKNOWN));

export function learn(file: PhotoFile, more: Partial<Facts>): void {
  // It was taken out meanwhile.
  const known = facts.get(file);
  if (known === undefined) {
    if (more.picture) URL.revokeObjectURL(more.picture);
    return;
  }
  facts.set(file, { ...known, ...more });
  tell();
}

/** @returns those that were not known yet, and are from now on */
export function meet(files: readonly PhotoFile[]): PhotoFile[] {
  const strangers = files.filter((file) => !facts.has(file));
  for (const file of strangers) facts.set(file, UNKNOWN);
  const here = new Set(files);
  for (const [file, { picture }] of facts) {
    if (here.has(file)) continue;
    facts.delete(file);
    if (picture !== null) URL.revokeObjectURL(picture);
  }
  return strangers;
}

/** Of one file; the component is rendered again when that changes. */
export const useFacts = (file: PhotoFile | null): Facts => useSyncExternalStore(subscribe, () => factsOf(file));

/** Changes whenever anything does. */
export const useFactsVersion = (): number => useSyncExternalStore(subscribe, () => version);

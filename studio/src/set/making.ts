/** A set on its way into a file: how far it is, and what became of it. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { drawn, NotDrawn } from './drawn.ts';
import type { StoredSet } from './messages.ts';
import { targetOf } from './save.ts';
import { NotFetched, type SinglePhoto, zipOf } from './zip.ts';

export type Made =
  | { state: 'none' | 'stopped' }
  | { state: 'making'; done: number; total: number }
  | { state: 'done'; name: string }
  /** `photo`: one that could not be fetched. `told`: what else it was, in words; null where it is for the page to say. */
  | { state: 'failed'; told: string | null; photo: string | null };

export interface Order {
  set: StoredSet;
  /** Pictures that it will have. */
  pictures: number;
  changes: string | null;
  singles: readonly SinglePhoto[];
  /** Of the file, with its ending. */
  name: string;
}

export function useMaking(): { made: Made; make(order: Order): Promise<void>; stop(): void } {
  const [made, setMade] = useState<Made>({ state: 'none' });
  const stopping = useRef<AbortController | null>(null);
  const stop = useCallback(() => stopping.current?.abort(), []);
  useEffect(() => stop, [stop]);
  const make = useCallback(async ({ set, pictures, changes, singles, name }: Order) => {
    if (stopping.current !== null) return;
    const abort = new AbortController();
    stopping.current = abort;
    const { signal } = abort;
    const total = pictures + singles.length;
    let done = 0;
    setMade({ state: 'none' });
    try {
      const target = await targetOf(name);
      if (target === null) return;
      setMade({ state: 'making', done, total });
      const onFile = () => setMade({ state: 'making', done: ++done, total });
      await target.write(zipOf({ pictures: drawn(set, signal), changes, singles, signal, onFile }), signal);
      setMade({ state: 'done', name });
    } catch (error) {
      setMade(signal.aborted ? { state: 'stopped' } : failure(error));
    } finally {
      stopping.current = null;
    }
  }, []);
  return { made, make, stop };
}

function failure(error: unknown): Made {
  const photo = error instanceof NotFetched || error instanceof NotDrawn ? error.photo : null;
  return { state: 'failed', told: error instanceof NotDrawn ? error.message : null, photo };
}

/** How many photos go at once: few on a slow line, which they would share, and where much is lost when it breaks; six on a fast one. */
import type { Clock } from '../clock.ts';

const MOST = 6;
/** Before the line is known. */
const FIRST = 3;
/** Milliseconds for which photos may be under way together. */
const AHEAD_MS = 20_000;
/** Milliseconds after which what was seen of the line counts, and is forgotten. */
const SEEN_MS = 1_000;
const FORGOTTEN_MS = 5_000;

export interface Line {
  readonly width: number;
  /** Bytes have left, of a photo of this size; less than none when a try has failed. */
  moved(bytes: number, size: number): void;
  /** A photo is there. */
  arrived(): void;
}

/** @param counts whether bytes are told as they leave: else nothing is known of the line */
export function createLine(clock: Clock, counts: boolean): Line {
  let width = counts ? FIRST : MOST;
  let since = clock.now();
  let sent = 0;
  return {
    get width() {
      return width;
    },
    moved(bytes, size) {
      if (!counts) return;
      sent += Math.max(0, bytes);
      const ms = clock.now() - since;
      if (ms < SEEN_MS) return;
      width = Math.min(MOST, Math.max(1, Math.round(((sent / ms) * AHEAD_MS) / size)));
      if (ms < FORGOTTEN_MS) return;
      since = clock.now();
      sent = 0;
    },
    arrived() {
      if (clock.now() - since < SEEN_MS) width = Math.min(MOST, width + 1);
    },
  };
}

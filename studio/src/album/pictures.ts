/** Small pictures of files, from a Worker or two. Those that are in sight come first. */
import type { PhotoFile } from '@s3-workers/client-sdk';
import { learn } from './facts.ts';

/** Pixels of the shorter side: a tile on a screen of two pixels to one. */
const SIZE = 320;
const WORKERS = Math.min(2, Math.max(1, (navigator.hardwareConcurrency ?? 2) - 1));

interface Idle {
  worker: Worker;
}
const queue: Blob[] = [];
const idle: Idle[] = [];
let started = 0;
let lastId = 0;

/** @param first whether it is in sight */
export function wantPicture(file: PhotoFile, first = false): void {
  if (!(file instanceof Blob)) return;
  const at = queue.indexOf(file);
  if (at !== -1 && !first) return;
  if (at !== -1) queue.splice(at, 1);
  queue[first ? 'unshift' : 'push'](file);
  next();
}

/** Moves a file that still waits to the front. */
export function seen(file: PhotoFile): void {
  if (file instanceof Blob && queue.includes(file)) wantPicture(file, true);
}

function next(): void {
  if (queue.length === 0) return;
  const free = idle.pop() ?? (started < WORKERS ? begin() : undefined);
  const file = free && queue.shift();
  if (free === undefined || file === undefined) return;
  const id = ++lastId;
  const { worker } = free;
  const done = (picture: Blob | null) => {
    worker.onmessage = null;
    worker.onerror = null;
    learn(file, { picture: picture === null ? null : URL.createObjectURL(picture) });
    idle.push(free);
    next();
  };
  worker.onmessage = ({ data }: MessageEvent<{ id: number; picture: Blob | null }>) => {
    if (data.id === id) done(data.picture);
  };
  worker.onerror = () => done(null);
  worker.postMessage({ id, file, size: SIZE });
}

function begin(): Idle {
  started++;
  return { worker: new Worker(new URL('./picture.worker.ts', import.meta.url), { type: 'module' }) };
}

// What the tests share: photos, messages for them, a started worker whose log can be awaited, and reading results as pixels.

import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { type RunningWorker, startWorker, type WorkerOptions } from '../src/server.ts';
import type { Storage } from './storage.ts';

export const photo = (name: string): Buffer => readFileSync(new URL(`../../photos/${name}`, import.meta.url));

export const rulesOf = (preset: string): { concepts: Record<string, unknown>; protect: string[] } =>
  JSON.parse(readFileSync(new URL(`../../rules/${preset}.json`, import.meta.url), 'utf8'));

/** Puts the photos into storage and returns a message for them. */
export function messageFor(
  storage: Storage,
  preset: string,
  photos: readonly Uint8Array[],
  rules: { concepts: Record<string, unknown>; protect?: string[] } = rulesOf(preset),
) {
  const protect = rules.protect ?? [];
  const items = photos.map((bytes, idx) => {
    storage.put(`inputs/${idx}.jpg`, bytes);
    const names = [...new Set([...Object.keys(rules.concepts), ...protect])];
    return {
      idx,
      input_key: `inputs/${idx}.jpg`,
      output_key: `outputs/${idx}_result.png`,
      preview_key: `previews/${idx}_thumb.jpg`,
      input_url: storage.signed(`inputs/${idx}.jpg`),
      output_url: storage.signed(`outputs/${idx}_result.png`, 'image/png'),
      preview_url: storage.signed(`previews/${idx}_thumb.jpg`, 'image/jpeg'),
      mask_urls: Object.fromEntries(
        names.map((name) => [name, storage.signed(`masks/${idx}_${name}.png`, 'image/png')]),
      ) as Record<string, string>,
      instances_url: storage.signed(`masks/${idx}_instances.json`, 'application/json'),
    };
  });
  return {
    job_id: 'job-1',
    user_id: 'user-1',
    attempt: 1,
    preset,
    concepts: rules.concepts,
    protect,
    items,
    callback_url: `${storage.url}/callback`,
    callback_token: 'callback-token',
    idempotency_prefix: 'job-1:1',
    batch_concurrency: 2,
  };
}

export interface Bench {
  readonly worker: RunningWorker;
  readonly lines: string[];
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string): Promise<Response>;
  /** the status with which the next job that has not been asked for ended */
  ended(): Promise<string>;
}

export async function startBench(options: WorkerOptions = {}): Promise<Bench> {
  const lines: string[] = [];
  const ends: string[] = [];
  let wake: () => void = () => undefined;
  const worker = await startWorker({
    threads: 2,
    retry: { baseMs: 1, capMs: 20 },
    log: (event, fields) => {
      lines.push(JSON.stringify({ event, ...fields }));
      if (event === 'job-ended') ends.push(String(fields?.status));
      wake();
    },
    ...options,
  });
  const base = `http://127.0.0.1:${worker.port}`;
  return {
    worker,
    lines,
    post: (path, body, headers = {}) =>
      fetch(base + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body ?? {}),
      }),
    get: (path) => fetch(base + path),
    ended: async () => {
      while (ends.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return ends.shift()!;
    },
  };
}

export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** RGB pixels, upright. */
export async function rgb(bytes: Uint8Array): Promise<Pixels> {
  const image = sharp(bytes).rotate().flatten({ background: '#ffffff' }).toColourspace('srgb').raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** One byte a pixel. */
export async function grey(bytes: Uint8Array): Promise<Pixels> {
  const image = sharp(bytes).toColourspace('b-w').raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

export interface Comparison {
  /** pixels that differ, where the mask is 0 and where it is not */
  readonly changedOutside: number;
  readonly changedInside: number;
  readonly inside: number;
}

export function compare(before: Pixels, after: Pixels, mask: Pixels): Comparison {
  let [changedOutside, changedInside, inside] = [0, 0, 0];
  for (let i = 0; i < mask.data.length; i++) {
    const same = [0, 1, 2].every((c) => before.data[3 * i + c] === after.data[3 * i + c]);
    if (mask.data[i]) inside++;
    if (!same && mask.data[i]) changedInside++;
    if (!same && !mask.data[i]) changedOutside++;
  }
  return { changedOutside, changedInside, inside };
}

// Runs in a worker thread: takes photos one at a time, so that segmenting never blocks the HTTP server.

import { parentPort } from 'node:worker_threads';
import { BadPhoto } from './bad-photo.ts';
import { type PhotoResult, type PhotoTask, processPhoto } from './process.ts';

export type Reply =
  | { readonly ok: true; readonly result: PhotoResult }
  | { readonly ok: false; readonly badPhoto: boolean; readonly message: string };

async function answer(task: PhotoTask): Promise<Reply> {
  try {
    return { ok: true, result: await processPhoto(task) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, badPhoto: error instanceof BadPhoto, message };
  }
}

parentPort?.on('message', async (task: PhotoTask) => {
  parentPort?.postMessage(await answer(task));
});

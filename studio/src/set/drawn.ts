/** The pictures of a set as a worker draws them, one when it is asked for. */
import type { SetPicture } from '@s3-workers/client-sdk/sets';
import type { FromWorker, StoredSet, ToWorker } from './messages.ts';

/** Why a set could not be drawn, in words for its reader. */
export class NotDrawn extends Error {
  /** One that could not be fetched. */
  readonly photo: string | null;
  constructor(told: string, photo: string | null) {
    super(told);
    this.photo = photo;
  }
}

/** Whoever stops asking, and `signal`, end the worker. */
export async function* drawn(set: StoredSet, signal: AbortSignal): AsyncGenerator<SetPicture, void, undefined> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./drawing.worker.ts', import.meta.url), { type: 'module' });
  const tell = (message: ToWorker): void => worker.postMessage(message);
  try {
    tell({ set });
    for (;;) {
      const answer = answerOf(worker, signal);
      tell('next');
      const picture = await answer;
      if (picture === null) return;
      yield picture;
    }
  } finally {
    worker.terminate();
  }
}

/** Null at the end. */
function answerOf(worker: Worker, signal: AbortSignal): Promise<SetPicture | null> {
  const over = new AbortController();
  return new Promise<SetPicture | null>((resolve, reject) => {
    const options = { signal: over.signal };
    const said = ({ data }: MessageEvent<FromWorker>): void => {
      if (data === 'end') resolve(null);
      else if ('picture' in data) resolve(data.picture);
      else reject(new NotDrawn(data.error, data.photo));
    };
    worker.addEventListener('message', said, options);
    worker.addEventListener('error', ({ message }) => reject(new Error(message)), options);
    signal.addEventListener('abort', () => reject(signal.reason), options);
  }).finally(() => over.abort());
}

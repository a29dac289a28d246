/** Draws a set beside the page, so that nothing on it waits. */
import { isS3Error } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { renderSet, type SetPicture } from '@s3-workers/client-sdk/sets';
import type { FromWorker, StoredSet, ToWorker } from './messages.ts';

let pictures: AsyncGenerator<SetPicture, void, undefined> | null = null;
let language: StoredSet['language'] = 'en';
const say = (message: FromWorker): void => postMessage(message);

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data === 'next') void next();
  else {
    language = data.set.language;
    // What cannot be fetched ends it: nobody is to find out later that a photo is lacking.
    pictures = renderSet(data.set);
  }
});

async function next(): Promise<void> {
  try {
    const drawn = await pictures?.next();
    say(drawn === undefined || drawn.done ? 'end' : { picture: drawn.value });
  } catch (error) {
    const photo = isS3Error(error, 'NETWORK_ERROR') ? (error.data.file?.name ?? null) : null;
    say({ error: errorText(error, language), photo });
  }
}

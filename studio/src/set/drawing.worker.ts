/** Draws a set beside the page, so that nothing on it waits. */
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
    pictures = renderSet({
      ...data.set,
      onLeftOut: ({ index, name, reason }) => say({ leftOut: { index, name, reason } }),
    });
  }
});

async function next(): Promise<void> {
  try {
    const drawn = await pictures?.next();
    say(drawn === undefined || drawn.done ? 'end' : { picture: drawn.value });
  } catch (error) {
    say({ error: errorText(error, language) });
  }
}

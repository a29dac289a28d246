/** A page that can also be read on from: `await` gives the page, `for await` every entry from there on. */
import type { PageInput } from '../generated/types.ts';
import type { CallOptions } from './call.ts';

export interface Paged<Page, Entry> extends Promise<Page>, AsyncIterable<Entry> {}

export function paged<Page extends { nextCursor: string | null }, Entry>(
  read: (input: PageInput, options?: CallOptions) => Promise<Page>,
  entriesOf: (page: Page) => readonly Entry[],
  input: PageInput = {},
  options?: CallOptions,
): Paged<Page, Entry> {
  const first = read(input, options);
  return Object.assign(first, {
    async *[Symbol.asyncIterator]() {
      for (let page = await first; ; page = await read({ ...input, cursor: page.nextCursor as string }, options)) {
        yield* entriesOf(page);
        if (page.nextCursor === null) return;
      }
    },
  });
}

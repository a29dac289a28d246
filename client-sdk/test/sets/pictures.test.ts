/**
 * The sets of the sample photos look as those under pictures/ do. `SETS_WRITE=1 npx vitest run --root client-sdk test/sets/pictures` keeps
 * what is drawn now: look at it before it is committed.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeCanvas } from '../../../start/node-canvas.ts';
import { renderSet, type SetOptions, type SetPhoto } from '../../src/sets/index.ts';
import { difference, interior, keep, seller } from './samples.ts';

const SETS: Record<
  string,
  { of: 'interior' | 'seller' } & Pick<SetOptions, 'template' | 'language' | 'channel' | 'disclose'>
> = {
  'three-variant-pack': { of: 'interior', template: 'three-variant-pack', language: 'ko' },
  'three-variant-pack-plain': {
    of: 'interior',
    template: 'three-variant-pack',
    language: 'en',
    channel: 'square',
    disclose: false,
  },
  'before-after': { of: 'interior', template: 'before-after', language: 'en' },
  'client-card': { of: 'interior', template: 'client-card', language: 'ko', channel: 'portrait' },
  'product-pack': { of: 'seller', template: 'product-pack', language: 'en' },
  'product-pack-disclosed': {
    of: 'seller',
    template: 'product-pack',
    language: 'ko',
    channel: 'story',
    disclose: true,
  },
  'option-board': { of: 'seller', template: 'option-board', language: 'ko' },
  'eight-thumbnails': { of: 'seller', template: 'eight-thumbnails', language: 'en' },
};
/** Text in another build of the canvas, and what WebP does to the picture that is kept. */
const ALIKE = { mean: 3, most: 24 };

let albums: Record<'interior' | 'seller', Awaited<ReturnType<typeof interior>>>;
beforeAll(async () => {
  albums = { interior: await interior(), seller: await seller() };
});

async function drawn(name: string, changed: Partial<SetOptions> = {}, number = 1): Promise<Uint8Array> {
  const { of, ...set } = SETS[name]!;
  let left = number;
  for await (const { input } of renderSet({ ...nodeCanvas(), ...albums[of], ...set, ...changed, format: 'png' })) {
    left -= 1;
    if (left === 0) return new Uint8Array(await input.arrayBuffer());
  }
  throw new Error(`the set has fewer than ${number} pictures`);
}

describe('a set looks as it did', () => {
  test.each(Object.keys(SETS))('%s', async (name) => {
    const picture = await drawn(name);
    if (process.env.SETS_WRITE === '1') await keep(name, picture);
    const { mean, most } = await difference(name, picture);
    expect(mean).toBeLessThan(ALIKE.mean);
    expect(most).toBeLessThan(ALIKE.most);
  });
});

describe('what would be seen', () => {
  const swapped = (photos: readonly SetPhoto[]): SetPhoto[] =>
    photos.map(({ name, before, after }) => ({ name, before: after[0]!, after: [before] }));

  test('before and after in each other’s place', async () => {
    const { mean, most } = await difference(
      'before-after',
      await drawn('before-after', { photos: swapped(albums.interior.photos) }),
    );
    expect(most).toBeGreaterThan(ALIKE.most);
    expect(mean).toBeGreaterThan(ALIKE.mean);
  });

  test('a line without what was protected, a change that is missing, another language', async () => {
    const [first] = albums.interior.looks;
    for (const changed of [
      { looks: [{ ...first!, protect: [] }] },
      { looks: [{ concepts: { Wall: first!.concepts.Wall }, protect: first!.protect }] },
      { language: 'en' as const },
    ]) {
      const { most } = await difference('client-card', await drawn('client-card', changed));
      expect(most).toBeGreaterThan(ALIKE.most);
    }
  });

  test('photos in another place, and a part of a photo in place of all of it', async () => {
    const { photos } = albums.seller;
    const turned = await difference('product-pack', await drawn('product-pack', { photos: photos.toReversed() }));
    expect(turned.most).toBeGreaterThan(ALIKE.most);
    const closer = await difference('eight-thumbnails', await drawn('eight-thumbnails', {}, 6));
    expect(closer.most).toBeGreaterThan(ALIKE.most);
  });
});

/** Which pictures a set has, of whom, and what they are called: known before a photo is read. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../../server/src/domain/presets.ts';
import { type LeftOutPhoto, planSet, type SetPhoto, TEMPLATES } from '../../src/sets/index.ts';
import { anySet, TEMPLATE_IDS } from './sets.ts';

const base = { preset: viewOf('seller'), looks: [{ concepts: {} }], language: 'en' } as const;
const photo = (name: string, before: string | null = 'b', after: (string | null)[] = ['a']): SetPhoto => ({
  name,
  before,
  after,
});
const names = (count: number) => Array.from({ length: count }, (_, at) => photo(`IMG_${at}.jpg`));

describe('a plan', () => {
  test('has each photo that is done once, in the order of the album, and no other: in thumbnails again while there are fewer than eight', () => {
    fc.assert(
      fc.property(anySet, ({ options }) => {
        const { pictures, leftOut, disclose } = planSet(options);
        const { looks, original, least } = TEMPLATES[options.template];
        const shown = Math.min(looks, options.looks.length);
        const fits = ({ before, after }: SetPhoto) =>
          after.slice(0, shown).some((one) => one !== null) && (before !== null || !(disclose || original));
        const done = options.photos.flatMap((one, index) => (fits(one) ? index : []));
        const planned = pictures.flatMap(({ photos }) => photos);
        expect(planned.slice(0, done.length)).toEqual(done);
        expect(new Set(planned)).toEqual(new Set(done));
        expect(planned.length).toBe(done.length === 0 ? 0 : Math.max(done.length, least));
        expect([...done, ...leftOut.map(({ index }) => index)].sort((a, b) => a - b)).toEqual([
          ...options.photos.keys(),
        ]);
      }),
      { numRuns: 200 },
    );
  });

  test('calls pictures by their photos, none like another on any file system', () => {
    fc.assert(
      fc.property(anySet, ({ options }) => {
        const taken = planSet(options).pictures.map(({ name }) => name.normalize('NFC').toLowerCase());
        expect(new Set(taken).size).toBe(taken.length);
        for (const name of taken) expect(name).toMatch(/^[^\\/:*?"<>|]+\.jpg$/);
      }),
    );
    const same = [photo('kitchen.PNG'), photo('Kitchen.jpg'), photo('욕실.jpg')];
    const plan = planSet({ ...base, template: 'before-after', photos: same, format: 'png' });
    expect(plan.pictures.map(({ name }) => name)).toEqual(['kitchen.png', 'Kitchen-2.png', '욕실.png']);
  });

  test('says of each photo that is left out why: it failed, or the original that has to be beside it is kept no more', () => {
    const photos = [photo('a'), photo('b', 'b', [null]), photo('c', null), photo('d', null, [null])];
    const why = (template: 'before-after' | 'product-pack', disclose?: boolean) =>
      planSet({ ...base, template, photos, disclose }).leftOut.map(
        ({ name, reason }: LeftOutPhoto) => `${name} ${reason}`,
      );
    expect(why('before-after')).toEqual(['b failed', 'c no-original', 'd failed']);
    expect(why('product-pack')).toEqual(['b failed', 'd failed']);
    expect(why('product-pack', true)).toEqual(['b failed', 'c no-original', 'd failed']);
  });

  test('fills pages of five as evenly as can be, numbered so that they sort', () => {
    const pages = (count: number) => planSet({ ...base, template: 'product-pack', photos: names(count) }).pictures;
    expect(pages(12).map(({ name, photos }) => [name, photos.length])).toEqual([
      ['product-pack-01.jpg', 4],
      ['product-pack-02.jpg', 4],
      ['product-pack-03.jpg', 4],
    ]);
    expect(pages(1).map(({ name }) => name)).toEqual(['product-pack.jpg']);
    expect(pages(200)).toHaveLength(40);
  });

  test('discloses in interior sets unless it is told otherwise', () => {
    const disclosed = TEMPLATE_IDS.filter((template) => planSet({ ...base, template, photos: names(1) }).disclose);
    expect(disclosed).toEqual(['three-variant-pack', 'before-after', 'client-card']);
    expect(planSet({ ...base, template: 'before-after', photos: [], disclose: false }).disclose).toBe(false);
  });

  test('refuses a template, a channel and a size that is none, by name', () => {
    const plan = (more: object) => () => planSet({ ...base, template: 'before-after', photos: [], ...more });
    expect(plan({ template: 'poster' })).toThrow('no template: poster');
    expect(plan({ channel: 'fax' })).toThrow('no channel: "fax"');
    expect(plan({ channel: { width: 100, height: 900 } })).toThrow('{"width":100,"height":900}');
    expect(plan({ channel: { width: 4000, height: 1000 } })).toThrow(TypeError);
    expect(plan({ channel: { width: 800, height: 600.5 } })).toThrow(TypeError);
  });
});

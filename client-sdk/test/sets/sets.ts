/** Sets for the tests: any that can be asked for, with photos of any size. */
import fc from 'fast-check';
import { viewOf } from '../../../server/src/domain/presets.ts';
import { CHANNELS, type ChannelId, type SetPlanOptions, TEMPLATES, type TemplateId } from '../../src/sets/index.ts';
import type { Drawing } from '../../src/sets/layout/drawing.ts';
import { layout } from '../../src/sets/layout/index.ts';
import type { LayoutInput } from '../../src/sets/layout/page.ts';
import { type Planned, planned } from '../../src/sets/plan.ts';

export const TEMPLATE_IDS = Object.keys(TEMPLATES) as TemplateId[];
export const CHANNEL_IDS = Object.keys(CHANNELS) as ChannelId[];
export const PRESET_OF: Record<TemplateId, 'interior' | 'seller'> = {
  'three-variant-pack': 'interior',
  'before-after': 'interior',
  'client-card': 'interior',
  'product-pack': 'seller',
  'option-board': 'seller',
  'eight-thumbnails': 'seller',
};

/** About as wide as fonts are. */
export const measure: LayoutInput['measure'] = (text, size, bold) =>
  [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x1100 ? 0.92 : 0.54), 0) * size * (bold ? 1.05 : 1);

const size = fc.oneof(
  fc.constantFrom([4000, 3000], [3000, 4000], [1000, 1000], [600, 400]),
  fc.tuple(fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 1, max: 6000 })),
);
const name = fc.oneof(
  fc.constantFrom(
    'kitchen.jpg',
    '거실_리모델링_최종_진짜최종_2026-11-28_창가쪽에서_찍은_사진_두번째.jpg',
    `${'x'.repeat(240)}.jpg`,
  ),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('가', '힣', '의', ' ', '·', 'e\u0301', '👩‍👧'), maxLength: 80 }),
);
const photo = fc.record({
  name,
  before: fc.oneof({ weight: 5, arbitrary: fc.constant('before') }, { weight: 1, arbitrary: fc.constant(null) }),
  after: fc.array(fc.constantFrom('after', 'after', 'after', null), { minLength: 1, maxLength: 4 }),
});

const lookOf = (template: TemplateId) => {
  const preset = viewOf(PRESET_OF[template]);
  const ids = preset.concepts.map(({ id }) => id);
  const colour = fc.constantFrom(...preset.palette.map(({ id }) => id), '#12aBcD');
  const action = fc.oneof(
    fc.record({ action: fc.constant('recolor'), value: colour }),
    fc.record({ action: fc.constant('tone'), value: fc.constantFrom('warm', 'darker') }),
    fc.record({ action: fc.constant('texture'), value: fc.constantFrom('wood', 'linen') }),
    fc.constant({ action: 'remove' }),
  );
  return fc.record({
    concepts: fc.dictionary(fc.constantFrom(...ids), action, { maxKeys: ids.length }),
    protect: fc.option(fc.subarray(ids), { nil: undefined }),
  });
};

export type AnySet = { options: SetPlanOptions; sizes: readonly (readonly number[])[] };

export const anySet: fc.Arbitrary<AnySet> = fc.constantFrom(...TEMPLATE_IDS).chain((template) =>
  fc.record({
    options: fc.record({
      template: fc.constant(template),
      preset: fc.constant(viewOf(PRESET_OF[template])),
      looks: fc.array(lookOf(template), { minLength: 1, maxLength: 3 }),
      photos: fc.oneof(
        { weight: 9, arbitrary: fc.array(photo, { minLength: 1, maxLength: 12 }) },
        { weight: 1, arbitrary: fc.array(photo, { minLength: 200, maxLength: 200 }) },
      ),
      language: fc.constantFrom('en' as const, 'ko' as const),
      channel: fc.oneof(
        fc.constantFrom(...CHANNEL_IDS),
        fc
          .record({ width: fc.integer({ min: 200, max: 4096 }), height: fc.integer({ min: 200, max: 4096 }) })
          .filter(({ width, height }) => Math.max(width, height) <= 3 * Math.min(width, height)),
      ),
      disclose: fc.option(fc.boolean(), { nil: undefined }),
    }),
    sizes: fc.array(size, { minLength: 1, maxLength: 12 }),
  }),
);

/** The pictures of a set with what stands on each; a photo has one size in all looks. */
export function drawings({ options, sizes }: AnySet): { picture: Planned; drawing: Drawing; input: LayoutInput }[] {
  const plan = planned(options);
  return plan.pictures.map((picture) => {
    const shown = picture.shown.map((one) => {
      const [width = 1, height = 1] = sizes[one.photo % sizes.length] ?? [];
      return { ...one, width, height };
    });
    const title = options.photos[picture.photos[0] ?? 0]?.name ?? '';
    const input: LayoutInput = { ...options, ...plan, shown, view: picture.view, title, measure };
    return { picture, drawing: layout(input), input };
  });
}

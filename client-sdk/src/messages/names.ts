/** What can be done to a concept, by names to show: of the shape that `presets.list` has for presets, concepts and colours. */
import type { ConceptAction, LocalizedName, Texture, Tone } from '../generated/types.ts';

export const actions: Readonly<Record<ConceptAction['action'], LocalizedName>> = {
  recolor: { en: 'Recolour', ko: '색 바꾸기' },
  tone: { en: 'Tone', ko: '톤' },
  texture: { en: 'Texture', ko: '질감' },
  remove: { en: 'Remove', ko: '지우기' },
};

export const tones: Readonly<Record<Tone, LocalizedName>> = {
  warm: { en: 'Warm', ko: '따뜻하게' },
  cool: { en: 'Cool', ko: '차갑게' },
  brighter: { en: 'Brighter', ko: '밝게' },
  darker: { en: 'Darker', ko: '어둡게' },
};

export const textures: Readonly<Record<Texture, LocalizedName>> = {
  wood: { en: 'Wood', ko: '나무' },
  marble: { en: 'Marble', ko: '대리석' },
  concrete: { en: 'Concrete', ko: '콘크리트' },
  linen: { en: 'Linen', ko: '리넨' },
};

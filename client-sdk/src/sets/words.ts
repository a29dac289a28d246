/** All words that stand in pictures, but for names, which are the preset's. */
import type { ConceptAction } from '../generated/types.ts';
import type { Language } from '../messages/index.ts';

export type Change = ConceptAction['action'];

/** What was done to a concept, after its name. */
type Changes = Readonly<Record<Change, (value: string) => string>>;

export interface Words extends Changes {
  readonly before: string;
  readonly after: string;
  readonly original: string;
  readonly option: string;
  readonly changed: string;
  readonly kept: string;
  readonly colours: string;
  readonly altered: string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    recolor: (value) => `colour changed to ${value}`,
    tone: (value) => `made ${value.toLowerCase()}`,
    texture: (value) => `texture changed to ${value.toLowerCase()}`,
    remove: () => 'removed',
    before: 'Before',
    after: 'After',
    original: 'Original',
    option: 'Option',
    changed: 'Changed',
    kept: 'Left untouched',
    colours: 'Colours',
    altered: 'Digitally altered, beside the unaltered original.',
  },
  ko: {
    recolor: (value) => `${value} 색으로 변경`,
    tone: (value) => `톤을 ${value} 조정`,
    texture: (value) => `${value} 질감으로 변경`,
    remove: () => '사진에서 지움',
    before: '변경 전',
    after: '변경 후',
    original: '원본',
    option: '시안',
    changed: '변경한 부분',
    kept: '그대로 둔 부분',
    colours: '색상',
    altered: '디지털 편집 사진이며, 원본을 함께 보여 드립니다.',
  },
};

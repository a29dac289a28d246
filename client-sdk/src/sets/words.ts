/** The words that stand in pictures, but for what was changed, which is in describe.ts. */
import type { Language } from '../messages/index.ts';

export interface Words {
  readonly before: string;
  readonly after: string;
  readonly original: string;
  readonly option: (number: number) => string;
  readonly changed: string;
  readonly kept: string;
  readonly colours: string;
  readonly altered: string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    before: 'Before',
    after: 'After',
    original: 'Original',
    option: (number) => `Option ${number}`,
    changed: 'Changed',
    kept: 'Left untouched',
    colours: 'Colours',
    altered: 'Digitally altered; the unaltered original is shown beside it.',
  },
  ko: {
    before: '변경 전',
    after: '변경 후',
    original: '원본',
    option: (number) => `시안 ${number}`,
    changed: '변경한 부분',
    kept: '그대로 둔 부분',
    colours: '색상',
    altered: '디지털로 편집한 사진이며, 편집하지 않은 원본을 함께 보여 드립니다.',
  },
};

/** Words of what to change. */
import type { Both } from '../words/index.ts';

interface ChangeWords {
  heading: string;
}

export const changeWords: Both<ChangeWords> = {
  en: { heading: 'What to change' },
  ko: { heading: '무엇을 바꿀까요?' },
};

/** Words of set. */
import type { Both } from '../words/index.ts';

interface SetWords {
  heading: string;
}

export const setWords: Both<SetWords> = {
  en: { heading: 'Set' },
  ko: { heading: '세트' },
};

/** Words of history. */
import type { Both } from '../words/index.ts';

interface HistoryWords {
  heading: string;
}

export const historyWords: Both<HistoryWords> = {
  en: { heading: 'History' },
  ko: { heading: '기록' },
};

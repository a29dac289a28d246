/** Words of review. */
import type { Both } from '../words/index.ts';

interface ReviewWords {
  heading: string;
}

export const reviewWords: Both<ReviewWords> = {
  en: { heading: 'Review' },
  ko: { heading: '검토' },
};

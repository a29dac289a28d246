/** Words of a run. */
import type { Both } from '../words/index.ts';

interface RunWords {
  heading: string;
}

export const runWords: Both<RunWords> = {
  en: { heading: 'Your set is being made' },
  ko: { heading: '세트를 만들고 있습니다' },
};

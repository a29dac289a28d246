/** Words of the album. */
import type { Both } from '../words/index.ts';

interface AlbumWords {
  heading: string;
  pick: string;
  next: string;
}

export const albumWords: Both<AlbumWords> = {
  en: { heading: 'Put in your photos', pick: 'Choose photos', next: 'What to change' },
  ko: { heading: '사진을 넣어 주세요', pick: '사진 고르기', next: '바꿀 것 고르기' },
};

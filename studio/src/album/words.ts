/** Words of the album, and of its tiles wherever they are. */
import type { Both } from '../words/index.ts';
import { bytesText, percentText } from '../words/numbers.ts';

export interface AlbumWords {
  heading: string;
  emptyHeading: string;
  emptyNote: string;
  emptyKinds: string;
  drop: string;
  pick: string;
  pickFolder: string;
  samples: string;
  add: string;
  clear: string;
  clearSure(count: number): string;
  removeTwice(count: number): string;
  removeBad(count: number): string;
  cannotBeSent(count: number): string;
  count(count: number, bytes: number): string;
  looking: string;
  next: string;
  tiles: string;
  tilesHint: string;
  removeOne(name: string): string;
  unfinished(count: number, until: string | null): string;
  goOn: string;
  discard: string;
  atWork: string;
  newAlbum: string;
  bytes(count: number): string;
  ready: string;
  twice: string;
  makingJpeg: string;
  refused: string;
  missing: string;
  waits: string;
  uploading(share: number): string;
  uploaded: string;
  working: string;
  done: string;
  failed: string;
  canceled: string;
}

const photos = (count: number): string => (count === 1 ? '1 photo' : `${count} photos`);

export const albumWords: Both<AlbumWords> = {
  en: {
    heading: 'Album',
    emptyHeading: 'Put in an album, get a finished set',
    emptyNote: 'Drop photos or a whole folder here, paste them, or choose them.',
    emptyKinds: 'JPEG, PNG, WebP or HEIC, up to 25 MB each and 200 at once.',
    drop: 'Drop them here',
    pick: 'Choose photos',
    pickFolder: 'Choose a folder',
    samples: 'Try it with sample photos',
    add: 'Add photos',
    clear: 'Take out all',
    clearSure: (count) => `Take out ${photos(count)}?`,
    removeTwice: (count) => `Take out ${count === 1 ? 'the duplicate' : `${count} duplicates`}`,
    removeBad: (count) => `Take out ${count === 1 ? 'this file' : `these ${count} files`}`,
    cannotBeSent: (count) => (count === 1 ? '1 file can’t be used' : `${count} files can’t be used`),
    count: (count, bytes) => `${photos(count)} · ${bytesText(bytes, 'en')}`,
    looking: 'Looking at the photos …',
    next: 'Choose what to change',
    tiles: 'Photos',
    tilesHint: 'Arrow keys move from photo to photo, Delete takes one out.',
    removeOne: (name) => `Take out ${name}`,
    unfinished: (count, until) =>
      `An upload of ${photos(count)} was interrupted${until === null ? '' : `. It is kept until ${until}`}.`,
    goOn: 'Go on with it',
    discard: 'Discard it',
    atWork: 'This album is being worked on.',
    newAlbum: 'New album',
    bytes: (count) => bytesText(count, 'en'),
    ready: 'Ready',
    twice: 'Duplicate',
    makingJpeg: 'Turning HEIC into JPEG …',
    refused: 'Can’t be sent',
    missing: 'Choose this photo again',
    waits: 'Waits for its turn',
    uploading: (share) => `Uploading ${percentText(share)}`,
    uploaded: 'Uploaded',
    working: 'Being made',
    done: 'Done',
    failed: 'Failed',
    canceled: 'Canceled',
  },
  ko: {
    heading: '앨범',
    emptyHeading: '앨범을 넣으면 세트가 완성됩니다',
    emptyNote: '사진이나 폴더를 여기에 끌어다 놓거나, 붙여 넣거나, 골라 주세요.',
    emptyKinds: 'JPEG, PNG, WebP, HEIC · 한 장에 25 MB까지, 한 번에 200장까지',
    drop: '여기에 놓으세요',
    pick: '사진 고르기',
    pickFolder: '폴더 고르기',
    samples: '예시 사진으로 해 보기',
    add: '사진 추가',
    clear: '모두 빼기',
    clearSure: (count) => `사진 ${count}장을 모두 뺄까요?`,
    removeTwice: (count) => `중복 ${count}장 빼기`,
    removeBad: (count) => `${count}개 빼기`,
    cannotBeSent: (count) => `쓸 수 없는 파일 ${count}개`,
    count: (count, bytes) => `사진 ${count}장 · ${bytesText(bytes, 'ko')}`,
    looking: '사진을 살펴보는 중 …',
    next: '바꿀 것 고르기',
    tiles: '사진',
    tilesHint: '화살표 키로 사진 사이를 옮겨 다니고, Delete 키로 뺍니다.',
    removeOne: (name) => `${name} 빼기`,
    unfinished: (count, until) =>
      `사진 ${count}장을 올리다가 멈췄습니다.${until === null ? '' : ` ${until}까지 보관됩니다.`}`,
    goOn: '이어서 하기',
    discard: '버리기',
    atWork: '이 앨범은 작업 중입니다.',
    newAlbum: '새 앨범',
    bytes: (count) => bytesText(count, 'ko'),
    ready: '준비됨',
    twice: '중복 사진',
    makingJpeg: 'HEIC를 JPEG로 바꾸는 중 …',
    refused: '보낼 수 없음',
    missing: '다시 골라 주세요',
    waits: '차례를 기다리는 중',
    uploading: (share) => `올리는 중 ${percentText(share)}`,
    uploaded: '올림',
    working: '만드는 중',
    done: '완료',
    failed: '실패',
    canceled: '취소됨',
  },
};

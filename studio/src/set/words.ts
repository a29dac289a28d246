/** What the set says, in English and Korean. */
import type { ChannelId, LeftOutPhoto } from '@s3-workers/client-sdk/sets';
import type { Both } from '../words/index.ts';

const en = {
  heading: 'Set',
  loading: 'Looking up the photos …',
  template: 'Template',
  pictures: (count: number) => (count === 1 ? '1 picture' : `${count} pictures`),
  channel: 'For',
  channels: {
    original: 'As large as the photos',
    web: 'Web, 1600 wide',
    square: 'Marketplace, 1000 × 1000',
    portrait: 'Feed, 1080 × 1350',
    story: 'Story, 1080 × 1920',
    print: 'Print A4, 3508 × 2480',
  } satisfies Record<ChannelId, string>,
  disclose: 'Say what was changed, and show the original beside it',
  discloseNote: 'Listings in some places must say that a photo was altered.',
  singles: 'The finished photos by themselves as well',
  look: 'Look',
  lookNumber: (number: number) => `Look ${number}`,
  goesIn: (count: number, total: number) =>
    count === total ? `All ${total} finished photos go in.` : `${count} of ${total} finished photos go in.`,
  toReview: 'Choose in the review',
  nothing: 'There is no finished photo for a set yet.',
  preview: 'Preview',
  previewing: 'Drawing the preview …',
  previewOf: (name: string) => `Preview of ${name}`,
  andMore: (count: number) => `and ${count} more like these`,
  leftOut: 'Not in the set',
  reasons: {
    failed: 'it has no result',
    'no-original': 'its original is not kept any more',
    unreadable: 'it cannot be read',
  } satisfies Record<LeftOutPhoto['reason'], string>,
  download: 'Download the set',
  making: (done: number, total: number) => `${done} of ${total} files are in`,
  cancel: 'Stop',
  stopped: 'Stopped. Nothing was saved.',
  done: (name: string) => `${name} is saved.`,
  failed: 'The set could not be made.',
  notFetched: (name: string) => `“${name}” could not be fetched. Check your connection and try again.`,
  unknownChange: 'What was changed is not known here: the set says so only of looks that were made in this browser.',
};
export type SetWords = typeof en;

const ko: SetWords = {
  heading: '세트',
  loading: '사진을 확인하는 중 …',
  template: '템플릿',
  pictures: (count) => `이미지 ${count}장`,
  channel: '용도',
  channels: {
    original: '사진 크기 그대로',
    web: '웹, 너비 1600',
    square: '마켓, 1000 × 1000',
    portrait: '피드, 1080 × 1350',
    story: '스토리, 1080 × 1920',
    print: '인쇄 A4, 3508 × 2480',
  },
  disclose: '바꾼 내용을 적고 원본을 함께 보여 주기',
  discloseNote: '지역에 따라 매물 사진의 편집 사실을 밝혀야 합니다.',
  singles: '완성된 사진도 한 장씩 넣기',
  look: '시안',
  lookNumber: (number) => `시안 ${number}`,
  goesIn: (count, total) =>
    count === total
      ? `완성된 사진 ${total}장이 모두 들어갑니다.`
      : `완성된 사진 ${total}장 중 ${count}장이 들어갑니다.`,
  toReview: '검토에서 고르기',
  nothing: '아직 세트에 넣을 완성된 사진이 없습니다.',
  preview: '미리보기',
  previewing: '미리보기를 그리는 중 …',
  previewOf: (name) => `${name} 미리보기`,
  andMore: (count) => `외 ${count}장`,
  leftOut: '세트에 들어가지 않는 사진',
  reasons: {
    failed: '결과가 없습니다',
    'no-original': '원본이 더 이상 보관되지 않습니다',
    unreadable: '읽을 수 없습니다',
  },
  download: '세트 내려받기',
  making: (done, total) => `파일 ${total}개 중 ${done}개 담음`,
  cancel: '중단',
  stopped: '중단했습니다. 저장한 파일은 없습니다.',
  done: (name) => `${name} 파일을 저장했습니다.`,
  failed: '세트를 만들지 못했습니다.',
  notFetched: (name) => `‘${name}’ 파일을 가져오지 못했습니다. 네트워크를 확인하고 다시 시도해 주세요.`,
  unknownChange: '바꾼 내용을 여기서는 알 수 없습니다. 이 브라우저에서 만든 시안에만 적을 수 있습니다.',
};

export const setWords: Both<SetWords> = { en, ko };

/** What the history says, in English and Korean. */
import type { JobStatus } from '@s3-workers/client-sdk';
import type { Both } from '../words/index.ts';

const en = {
  title: 'History',
  empty: 'No album yet. What you make stands here, with its pictures as long as they are kept.',
  loading: 'Asking for your albums …',
  more: 'Earlier albums',
  photos: (done: number, total: number) =>
    done === total ? (total === 1 ? '1 photo' : `${total} photos`) : `${done} of ${total} photos`,
  failed: (count: number) => `${count} failed`,
  status: {
    created: 'Waits for its photos',
    uploaded: 'Ready to begin',
    queued: 'Waits for a machine',
    running: 'Being made',
    done: 'Done',
    failed: 'Failed',
    canceled: 'Canceled',
  } satisfies Record<JobStatus, string>,
  open: 'Open',
  noPicture: 'Pictures are not kept any more.',
  charged: (credits: number) => (credits === 1 ? '1 credit' : `${credits} credits`),
  remove: 'Delete',
  removeTitle: 'Delete this album?',
  removeText: (total: number) =>
    `${total === 1 ? 'The photo' : `All ${total} photos`}, the results and previews go, here and on all your devices, and cannot be brought back. Other looks of the same photos stay, and so do receipts. Credits that were spent are not returned.`,
  keepIt: 'Keep it',
  removeIt: 'Delete for good',
  removed: (when: string) => `The album of ${when} is deleted.`,
  receipts: 'Receipts',
  noReceipts: 'No receipts yet.',
  receipt: { grant: 'Credits received', charge: 'Album' },
  columns: { when: 'When', what: 'What for', credits: 'Credits' },
  moreReceipts: 'Earlier receipts',
};
export type HistoryWords = typeof en;

const ko: HistoryWords = {
  title: '기록',
  empty: '아직 앨범이 없습니다. 만든 앨범이 여기에 모이고, 사진은 보관 기간 동안 볼 수 있습니다.',
  loading: '앨범을 불러오는 중 …',
  more: '이전 앨범',
  photos: (done, total) => (done === total ? `사진 ${total}장` : `사진 ${total}장 중 ${done}장`),
  failed: (count) => `${count}장 실패`,
  status: {
    created: '사진 대기',
    uploaded: '시작 대기',
    queued: '처리 대기',
    running: '만드는 중',
    done: '완료',
    failed: '실패',
    canceled: '취소됨',
  },
  open: '열기',
  noPicture: '사진은 더 이상 보관되지 않습니다.',
  charged: (credits) => `크레딧 ${credits}개`,
  remove: '삭제',
  removeTitle: '이 앨범을 삭제할까요?',
  removeText: (total) =>
    `사진 ${total}장과 결과, 미리보기가 이 기기와 모든 기기에서 삭제되며 되돌릴 수 없습니다. 같은 사진의 다른 시안과 영수증은 남습니다. 사용한 크레딧은 돌려받지 못합니다.`,
  keepIt: '그대로 두기',
  removeIt: '완전히 삭제',
  removed: (when) => `${when} 앨범을 삭제했습니다.`,
  receipts: '영수증',
  noReceipts: '아직 영수증이 없습니다.',
  receipt: { grant: '크레딧 받음', charge: '앨범' },
  columns: { when: '날짜', what: '내용', credits: '크레딧' },
  moreReceipts: '이전 영수증',
};

export const historyWords: Both<HistoryWords> = { en, ko };

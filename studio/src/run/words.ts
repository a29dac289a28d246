/** Words of a run. */
import type { Both } from '../words/index.ts';
import { bytesText, durationText } from '../words/numbers.ts';

export interface RunWords {
  preparing: string;
  uploading: string;
  paused: string;
  missing: string;
  processing: string;
  busy: string;
  busyNote: string;
  queued: string;
  ended: { done: string; failed: string; canceled: string };
  loading: string;
  bytes(sent: number, total: number): string;
  left(ms: number): string;
  soon: string;
  counted(done: number, total: number): string;
  failedCount(count: number): string;
  progress: string;
  offline: string;
  pause: string;
  goOn: string;
  cancel: string;
  cancelTitle: string;
  cancelNote(kept: number, refunded: number): string;
  cancelGo: string;
  keepRunning: string;
  charged(charged: number, refunded: number): string;
  keptUntil(date: string): string;
  again(count: number): string;
  review: string;
  another: string;
  newAlbum: string;
  missingNote(count: number): string;
  elsewhere: string;
  pickAgain: string;
  without(count: number): string;
  changeUnknown: string;
  useChoice: string;
  backToChange: string;
  attach: string;
  toAlbum: string;
  toHistory: string;
  tiles: string;
  reasons(count: number): string;
  leftOut(count: number): string;
}

const photos = (count: number): string => (count === 1 ? '1 photo' : `${count} photos`);
const credits = (count: number): string => (count === 1 ? '1 credit' : `${count} credits`);

export const runWords: Both<RunWords> = {
  en: {
    preparing: 'Getting ready',
    uploading: 'Uploading your photos',
    paused: 'The upload is paused',
    missing: 'Waiting for photos',
    processing: 'Your set is being made',
    busy: 'Waiting for a machine',
    busyNote: 'All machines are busy. Your photos are in the queue and begin by themselves; you may close this page.',
    queued: 'In the queue',
    ended: { done: 'Your photos are done', failed: 'No photo could be made', canceled: 'Canceled' },
    loading: 'Looking it up …',
    bytes: (sent, total) => `${bytesText(sent, 'en')} of ${bytesText(total, 'en')}`,
    left: (ms) => `${durationText(ms, 'en')} left`,
    soon: 'time left is not known yet',
    counted: (done, total) => `${done} of ${photos(total)} done`,
    failedCount: (count) => `${count} failed`,
    progress: 'Progress',
    offline: 'No connection. It goes on by itself.',
    pause: 'Pause',
    goOn: 'Go on',
    cancel: 'Cancel',
    cancelTitle: 'Cancel this job?',
    cancelNote: (kept, refunded) =>
      `${kept > 0 ? `${photos(kept)} that ${kept === 1 ? 'is' : 'are'} done stay yours. ` : ''}You get ${credits(refunded)} back.`,
    cancelGo: 'Cancel the job',
    keepRunning: 'Let it run',
    charged: (charged, refunded) => `${credits(charged)} charged${refunded > 0 ? `, ${refunded} given back` : ''}`,
    keptUntil: (date) => `Results are kept until ${date}.`,
    again: (count) => `Try ${count === 1 ? 'the failed one' : `the ${count} failed ones`} again`,
    review: 'Review them',
    another: 'Another look',
    newAlbum: 'New album',
    missingNote: (count) =>
      `${count === 1 ? '1 photo is' : `${count} photos are`} not here any more. Choose ${count === 1 ? 'it' : 'them'} again: each is recognised, whatever its name and place.`,
    elsewhere:
      'These photos are being uploaded in another tab, or on another device: this page goes on by itself. If that one was closed, choose them again here.',
    pickAgain: 'Choose again',
    without: (count) => `Go on without ${count === 1 ? 'it' : 'them'}`,
    changeUnknown: 'This browser does not know what is to be done with the photos.',
    useChoice: 'Do what is chosen under “Changes”',
    backToChange: 'Back to the changes',
    attach: 'Go on with it',
    toAlbum: 'To the album',
    toHistory: 'To the history',
    tiles: 'Photos of this job',
    reasons: (count) => `Why ${photos(count)} failed`,
    leftOut: (count) => `${count === 1 ? '1 file was' : `${count} files were`} left out`,
  },
  ko: {
    preparing: '준비하는 중',
    uploading: '사진을 올리는 중',
    paused: '올리기를 멈췄습니다',
    missing: '사진을 기다리는 중',
    processing: '세트를 만드는 중',
    busy: '장비를 기다리는 중',
    busyNote: '모든 장비가 사용 중입니다. 사진은 줄을 서 있고 차례가 되면 저절로 시작합니다. 페이지를 닫아도 됩니다.',
    queued: '차례를 기다리는 중',
    ended: { done: '사진이 완성되었습니다', failed: '완성된 사진이 없습니다', canceled: '취소했습니다' },
    loading: '확인하는 중 …',
    bytes: (sent, total) => `${bytesText(total, 'ko')} 중 ${bytesText(sent, 'ko')}`,
    left: (ms) => `${durationText(ms, 'ko')} 남음`,
    soon: '남은 시간을 계산하는 중',
    counted: (done, total) => `${total}장 중 ${done}장 완료`,
    failedCount: (count) => `${count}장 실패`,
    progress: '진행률',
    offline: '연결이 끊겼습니다. 저절로 이어집니다.',
    pause: '잠시 멈춤',
    goOn: '계속',
    cancel: '취소',
    cancelTitle: '이 작업을 취소할까요?',
    cancelNote: (kept, refunded) =>
      `${kept > 0 ? `완성된 ${kept}장은 그대로 남습니다. ` : ''}크레딧 ${refunded}개를 돌려받습니다.`,
    cancelGo: '작업 취소',
    keepRunning: '계속 진행',
    charged: (charged, refunded) => `크레딧 ${charged}개 사용${refunded > 0 ? `, ${refunded}개 돌려받음` : ''}`,
    keptUntil: (date) => `결과는 ${date}까지 보관됩니다.`,
    again: (count) => `실패한 ${count}장 다시 하기`,
    review: '검토하기',
    another: '다른 시안 만들기',
    newAlbum: '새 앨범',
    missingNote: (count) =>
      `아직 올리지 못한 사진 ${count}장이 이 페이지에 없습니다. 다시 골라 주세요. 이름이나 순서와 상관없이 알아봅니다.`,
    elsewhere:
      '다른 탭이나 다른 기기에서 이 사진들을 올리고 있습니다. 다 올라가면 여기도 저절로 이어집니다. 그 창을 닫았다면 여기에서 다시 골라 주세요.',
    pickAgain: '다시 고르기',
    without: (count) => `${count}장 빼고 계속`,
    changeUnknown: '이 브라우저는 이 사진들로 무엇을 하려 했는지 모릅니다.',
    useChoice: '‘바꿀 것’에서 고른 대로 하기',
    backToChange: '바꿀 것으로 돌아가기',
    attach: '이어서 하기',
    toAlbum: '앨범으로',
    toHistory: '기록으로',
    tiles: '이 작업의 사진',
    reasons: (count) => `${count}장이 실패한 이유`,
    leftOut: (count) => `제외된 파일 ${count}개`,
  },
};

/** Words of the frame around the steps. */
import type { Both } from '../words/index.ts';

interface AppWords {
  title: string;
  steps: { album: string; change: string; run: string; review: string; set: string };
  stepsLabel: string;
  history: string;
  language: string;
  credits(count: number): string;
  loading: string;
  skip: string;
  broken: string;
  brokenNote: string;
  reload: string;
  again: string;
  close: string;
  offline: string;
  memoryOnly: string;
  sessionEnded: string;
  beginAnew: string;
}

export const appWords: Both<AppWords> = {
  en: {
    title: 'S3 Studio',
    steps: { album: 'Album', change: 'Changes', run: 'Run', review: 'Review', set: 'Set' },
    stepsLabel: 'Steps',
    history: 'History',
    language: '한국어',
    credits: (count) => `${count} ${count === 1 ? 'credit' : 'credits'}`,
    loading: 'Loading …',
    skip: 'Skip to content',
    broken: 'This page has stopped working.',
    brokenNote: 'Photos that were uploaded and jobs that run are kept. Load the page again to go on.',
    reload: 'Load again',
    again: 'Try again',
    close: 'Close',
    offline: 'You are offline. What was begun waits, and goes on by itself.',
    memoryOnly:
      'This browser keeps nothing for this page (private window, or storage is full). Leave the tab open until your set is saved.',
    sessionEnded: 'Your session was ended on another device. What was made there can be reached there alone.',
    beginAnew: 'Begin as somebody new',
  },
  ko: {
    title: 'S3 스튜디오',
    steps: { album: '앨범', change: '바꿀 것', run: '실행', review: '검토', set: '세트' },
    stepsLabel: '단계',
    history: '기록',
    language: 'English',
    credits: (count) => `크레딧 ${count}`,
    loading: '불러오는 중 …',
    skip: '본문으로 건너뛰기',
    broken: '페이지가 멈췄습니다.',
    brokenNote: '올린 사진과 진행 중인 작업은 그대로 있습니다. 페이지를 다시 불러오면 이어서 할 수 있습니다.',
    reload: '다시 불러오기',
    again: '다시 시도',
    close: '닫기',
    offline: '오프라인입니다. 하던 일은 기다렸다가 연결되면 저절로 이어집니다.',
    memoryOnly:
      '이 브라우저가 이 페이지의 정보를 저장하지 않습니다(시크릿 창이거나 저장 공간 부족). 세트를 저장할 때까지 탭을 닫지 마세요.',
    sessionEnded: '다른 기기에서 로그아웃되었습니다. 거기에서 만든 것은 그 기기에서만 볼 수 있습니다.',
    beginAnew: '새로 시작하기',
  },
};

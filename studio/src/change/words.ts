/** Words of what to change. */
import type { Both } from '../words/index.ts';

export interface ChangeWords {
  heading: string;
  anotherHeading: string;
  anotherNote: string;
  noPhotos: string;
  toAlbum: string;
  preset: string;
  concepts: string;
  conceptsNote: string;
  protect: string;
  protectNote: string;
  actionOf(concept: string): string;
  colour: string;
  ownColour: string;
  tone: string;
  texture: string;
  removeNote: string;
  undo(concept: string): string;
  cost(credits: number): string;
  costNote: string;
  balance(credits: number): string;
  limit: string;
  limitNote: string;
  noLimit: string;
  overLimit(credits: number, limit: number): string;
  tooMany(limit: number, actual: number): string;
  takeOutLast(count: number): string;
  tooFewCredits(needed: number, balance: number): string;
  otherJob: string;
  toHistory: string;
  nothingYet: string;
  looking: string;
  apply(count: number): string;
  underWay: string;
  toRun: string;
  rules: string;
  rulesSlots(used: number, max: number): string;
  noRules: string;
  load: string;
  loaded: string;
  changed: string;
  save: string;
  saveAs: string;
  saveChanges: string;
  rename: string;
  duplicate: string;
  remove: string;
  removeSure(name: string): string;
  ruleName: string;
  ruleNameOf(name: string): string;
  copyOf(name: string): string;
  slotsFull: string;
  cancel: string;
  more(name: string): string;
}

const photos = (count: number): string => (count === 1 ? '1 photo' : `${count} photos`);
const credits = (count: number): string => (count === 1 ? '1 credit' : `${count} credits`);

export const changeWords: Both<ChangeWords> = {
  en: {
    heading: 'What to change',
    anotherHeading: 'Another look',
    anotherNote: 'The same photos, without another upload. You see it beside the first.',
    noPhotos: 'There are no photos yet.',
    toAlbum: 'Put in photos',
    preset: 'Kind of photos',
    concepts: 'Change',
    conceptsNote: 'Choose what is to look different.',
    protect: 'Leave untouched',
    protectNote: 'Not a pixel of it is changed.',
    actionOf: (concept) => `What to do with ${concept}`,
    colour: 'Colour',
    ownColour: 'Own colour',
    tone: 'Tone',
    texture: 'Texture',
    removeNote: 'It is taken out, and what is around it closes the gap.',
    undo: (concept) => `Leave ${concept} as it is`,
    cost: (count) => `Costs ${credits(count)}`,
    costNote: 'What fails is not charged.',
    balance: (count) => `${credits(count)} left`,
    limit: 'Spend at most',
    limitNote: 'Nothing begins that would cost more.',
    noLimit: 'no limit',
    overLimit: (count, limit) => `This would cost ${credits(count)}, and your limit is ${limit}.`,
    tooMany: (limit, actual) => `Your plan takes ${photos(limit)} at once, and there are ${actual}.`,
    takeOutLast: (count) => `Take out the last ${photos(count)}`,
    tooFewCredits: (needed, balance) => `This needs ${credits(needed)}, and you have ${balance}.`,
    otherJob: 'Another job is still running. This one can begin when it has ended.',
    toHistory: 'See it in the history',
    nothingYet: 'Choose at least one thing to change.',
    looking: 'The photos are being looked at …',
    apply: (count) => `Apply to ${photos(count)}`,
    underWay: 'This album is being worked on.',
    toRun: 'See how it stands',
    rules: 'Saved rules',
    rulesSlots: (used, max) => `${used} of ${max} places used`,
    noRules: 'None yet. Save what you have chosen to use it again.',
    load: 'Use',
    loaded: 'In use',
    changed: 'Changed since',
    save: 'Save',
    saveAs: 'Save as a rule',
    saveChanges: 'Save changes',
    rename: 'Rename',
    duplicate: 'Duplicate',
    remove: 'Delete',
    removeSure: (name) => `Delete the rule “${name}”?`,
    ruleName: 'Name of the rule',
    ruleNameOf: (name) => `New name of “${name}”`,
    copyOf: (name) => `${name} (copy)`,
    slotsFull: 'All places are used. Delete one to save another.',
    cancel: 'Cancel',
    more: (name) => `More to do with “${name}”`,
  },
  ko: {
    heading: '무엇을 바꿀까요?',
    anotherHeading: '다른 시안',
    anotherNote: '같은 사진으로 다시 올리지 않고 만들어, 처음 것과 나란히 봅니다.',
    noPhotos: '아직 사진이 없습니다.',
    toAlbum: '사진 넣기',
    preset: '사진 종류',
    concepts: '바꾸기',
    conceptsNote: '달라졌으면 하는 것을 고르세요.',
    protect: '그대로 두기',
    protectNote: '한 픽셀도 바뀌지 않습니다.',
    actionOf: (concept) => `${concept}: 어떻게 바꿀까요`,
    colour: '색',
    ownColour: '직접 고른 색',
    tone: '톤',
    texture: '질감',
    removeNote: '지우고, 주변에 맞게 빈자리를 채웁니다.',
    undo: (concept) => `${concept}: 바꾸지 않기`,
    cost: (count) => `크레딧 ${count}개가 듭니다`,
    costNote: '실패한 사진은 차감하지 않습니다.',
    balance: (count) => `${count}개 남음`,
    limit: '지출 한도',
    limitNote: '이보다 많이 드는 작업은 시작하지 않습니다.',
    noLimit: '없음',
    overLimit: (count, limit) => `크레딧 ${count}개가 드는데, 정해 둔 한도는 ${limit}개입니다.`,
    tooMany: (limit, actual) => `현재 요금제는 한 번에 ${limit}장까지인데, ${actual}장이 있습니다.`,
    takeOutLast: (count) => `뒤의 ${count}장 빼기`,
    tooFewCredits: (needed, balance) => `크레딧 ${needed}개가 필요한데 ${balance}개 남아 있습니다.`,
    otherJob: '다른 작업이 아직 진행 중입니다. 끝나면 시작할 수 있습니다.',
    toHistory: '기록에서 보기',
    nothingYet: '바꿀 것을 하나 이상 골라 주세요.',
    looking: '사진을 살펴보는 중 …',
    apply: (count) => `사진 ${count}장에 적용`,
    underWay: '이 앨범은 작업 중입니다.',
    toRun: '진행 상황 보기',
    rules: '저장한 규칙',
    rulesSlots: (used, max) => `${max}개 중 ${used}개 사용`,
    noRules: '아직 없습니다. 고른 것을 저장해 두면 다시 쓸 수 있습니다.',
    load: '쓰기',
    loaded: '사용 중',
    changed: '저장 뒤 바뀜',
    save: '저장',
    saveAs: '규칙으로 저장',
    saveChanges: '바뀐 내용 저장',
    rename: '이름 바꾸기',
    duplicate: '복제',
    remove: '삭제',
    removeSure: (name) => `규칙 ‘${name}’을(를) 삭제할까요?`,
    ruleName: '규칙 이름',
    ruleNameOf: (name) => `‘${name}’의 새 이름`,
    copyOf: (name) => `${name} 사본`,
    slotsFull: '저장할 자리가 없습니다. 하나를 삭제하면 새로 저장할 수 있습니다.',
    cancel: '취소',
    more: (name) => `‘${name}’ 더 보기`,
  },
};

/** Error texts in Korean. */
import type { FileText, TextedFile, Texts } from './texts.ts';

const STATUS: Record<string, string> = {
  created: '업로드 대기',
  uploaded: '업로드 완료',
  queued: '처리 대기',
  running: '처리 중',
  done: '완료',
  failed: '실패',
  canceled: '취소됨',
};

const FILES: Record<TextedFile['reason'], string> = {
  another: '이 작업의 사진이 아닙니다',
  empty: '비어 있는 파일입니다',
  unreadable: '읽을 수 없습니다. 폴더이거나, 옮겨졌거나, 아직 이 기기에 없는 파일일 수 있습니다',
  changed: '선택한 뒤에 바뀌었거나 없어졌습니다. 다시 선택해 주세요',
  folder: '폴더입니다. 안에 있는 사진을 선택해 주세요',
  'too-many': '작업당 사진 200장을 넘었습니다. 다른 작업으로 보내 주세요',
  'too-large': '25 MB보다 큽니다. 더 작게 저장해 주세요',
  'too-many-pixels': '6,400만 화소를 넘습니다. 크기를 줄여 주세요',
  animated: '움직이는 이미지입니다. 원하는 한 장면을 JPEG나 PNG로 저장해 주세요',
  heic: 'HEIC 사진입니다. JPEG로 저장해 주세요(iPhone: 설정 → 카메라 → 포맷 → 높은 호환성)',
  avif: 'AVIF 이미지입니다. JPEG나 PNG로 저장해 주세요',
  gif: 'GIF 이미지입니다. JPEG나 PNG로 저장해 주세요',
  bmp: 'BMP 이미지입니다. JPEG나 PNG로 저장해 주세요',
  tiff: 'TIFF 이미지입니다. JPEG나 PNG로 저장해 주세요',
  jxl: 'JPEG XL 이미지입니다. JPEG나 PNG로 저장해 주세요',
  'jpeg-2000': 'JPEG 2000 이미지입니다. JPEG나 PNG로 저장해 주세요',
  psd: '포토샵 문서입니다. JPEG나 PNG로 내보내 주세요',
  raw: 'RAW 사진입니다. JPEG로 내보내 주세요',
  svg: 'SVG 그림입니다. PNG로 내보내 주세요',
  pdf: 'PDF 문서입니다. 사진을 JPEG나 PNG로 내보내 주세요',
  video: '동영상입니다. 한 장면을 JPEG로 저장해 주세요',
  archive: '압축 파일입니다. 압축을 풀고 안에 있는 사진을 선택해 주세요',
  html: '사진이 아니라 웹 페이지입니다',
  text: '사진이 아니라 텍스트입니다',
  'unknown-type': 'JPEG, PNG, WebP 사진이 아닙니다',
};
export const koreanFile: FileText = ({ name, reason }) => `‘${name}’: ${FILES[reason]}.`;

export const ko: Texts = {
  VALIDATION_ERROR: ({ field }) =>
    field === '' ? '요청을 이해하지 못했습니다.' : `‘${field}’ 값이 올바르지 않습니다.`,
  ITEM_LIMIT: ({ limit, actual }) => `현재 요금제는 작업당 사진 ${limit}장까지 가능합니다. ${actual}장을 선택했습니다.`,
  AUTH_REQUIRED: () => '먼저 로그인해 주세요.',
  TOKEN_EXPIRED: () => '로그인이 만료되었습니다. 다시 로그인해 주세요.',
  TOKEN_INVALID: () => '로그인이 만료되었습니다. 다시 로그인해 주세요.',
  CREDITS_EXHAUSTED: ({ needed, balance }) => `크레딧 ${needed}개가 필요한데 ${balance}개 남아 있습니다.`,
  RULE_SLOT_FULL: ({ limit }) =>
    `현재 요금제는 규칙을 ${limit}개까지 저장합니다. 하나를 삭제하면 새로 저장할 수 있습니다.`,
  JOB_NOT_FOUND: () => '작업을 찾을 수 없습니다. 삭제되었을 수 있습니다.',
  RULE_NOT_FOUND: () => '규칙을 찾을 수 없습니다. 삭제되었을 수 있습니다.',
  PRESET_NOT_FOUND: () => '프리셋을 찾을 수 없습니다.',
  NOT_FOUND: () => '찾을 수 없습니다.',
  INVALID_TRANSITION: ({ status }) => `지금은 할 수 없습니다. 작업 상태: ${STATUS[status] ?? status}.`,
  ALREADY_CANCELED: () => '이미 취소된 작업입니다.',
  UPLOAD_INCOMPLETE: ({ missing, wrong }) =>
    `사진 ${missing.length + wrong.length}장이 온전히 올라가지 않았습니다. 빠진 사진을 다시 올려 주세요.`,
  IDEMPOTENCY_CONFLICT: () => '같은 요청이 다른 내용으로 이미 처리되었습니다. 새로 시작해 주세요.',
  PAYLOAD_TOO_LARGE: ({ limit }) => `한 번에 보낼 수 있는 양(${limit})을 넘었습니다.`,
  CONCURRENCY_LIMIT: ({ limit }) =>
    `현재 요금제는 작업을 동시에 ${limit}개까지 실행합니다. 하나가 끝나거나 취소되어야 합니다.`,
  RATE_LIMITED: ({ retryAfterSeconds, until }, at) =>
    until === undefined
      ? `요청이 너무 잦습니다. ${retryAfterSeconds}초 뒤에 다시 시도해 주세요.`
      : `현재 요금제의 한도에 도달했습니다. ${at(until)}부터 다시 이용할 수 있습니다.`,
  CEILING_REACHED: ({ until }, at) =>
    `오늘은 사진을 더 받을 수 없습니다. 작업과 사진은 그대로 보관되며, ${at(until)} 이후에 이어서 진행할 수 있습니다.`,
  ALLOWANCE_EXHAUSTED: ({ limit, until }, at) =>
    `오늘 결과 없이 처리된 사진이 요금제 한도(${limit}장)에 도달했습니다. 작업과 사진은 그대로 보관되며, ${at(until)} 이후에 이어서 진행할 수 있습니다.`,
  INTERNAL_ERROR: () => '서버에 문제가 생겼습니다. 잠시 후 다시 시도해 주세요.',
  SERVICE_UNAVAILABLE: () => '지금은 서비스를 이용할 수 없습니다. 잠시 후 다시 시도해 주세요.',
  ABORTED: () => '중단되었습니다.',
  NETWORK_ERROR: ({ file }) =>
    file === null ? '서버에 연결할 수 없습니다. 네트워크를 확인해 주세요.' : `‘${file.name}’ 파일을 올리지 못했습니다.`,
  OVER_BUDGET: ({ credits, maxCredits }) => `크레딧 ${credits}개가 드는데, 설정한 최대치는 ${maxCredits}개입니다.`,
  INVALID_FILE: ({ files }) =>
    files.length === 0 ? '사진을 한 장 이상 선택해 주세요.' : files.map(koreanFile).join(' '),
};

/** Mistakes in looking at the files of an album before they are sent, in which result belongs to which, and in what results are called. */
import { type Bug, other } from '../bug.ts';

const test = (name: string): string => `client-sdk/test/${name}.test.ts`;
const KINDS = 'client-sdk/src/upload/inspect/other-kinds.ts';
const INSPECT = 'client-sdk/src/upload/inspect/index.ts';
const SIZE = 'client-sdk/src/upload/inspect/size.ts';
const FILES = 'client-sdk/src/upload/files.ts';
const RUN = 'client-sdk/src/job/job-run.ts';
const NAMES = 'start/demo/names.ts';
const DEMO = 'start/test/demo.test.ts';

export const FILES_OF_ALBUMS: Bug[] = [
  {
    name: 'the frame of a thumbnail is taken for the photo’s',
    file: SIZE,
    find: '    else at += 2 + (uint(bytes, 2, 2) || 0);',
    replace: '    else at += 4;',
    tests: [test('files/size')],
  },
  {
    name: 'a photo whose frame is progressive has no size',
    file: SIZE,
    find: 'marker >= 0xc0 && marker <= 0xcf',
    replace: 'marker >= 0xc0 && marker <= 0xc1',
    tests: [test('files/size')],
  },
  {
    name: 'a file is read whole to see its header',
    file: 'client-sdk/src/upload/inspect/pages.ts',
    find: 'offset + Math.max(PAGE, least)',
    replace: 'offset + Math.max(25_000_000, least)',
    tests: [test('files/size')],
  },
  {
    name: 'more than 64 megapixels are sent',
    file: INSPECT,
    find: 'size.width * size.height > MAX_PHOTO_PIXELS',
    replace: 'size.width > MAX_PHOTO_PIXELS',
    tests: [test('files/size')],
  },
  {
    name: 'an animation is sent as the picture it begins with',
    file: INSPECT,
    find: "  if (size?.animated) return 'animated';\n",
    replace: '',
    tests: [test('files/kinds')],
  },
  {
    name: 'an APNG is known by its chunk alone, also behind the pixels or of one frame',
    file: SIZE,
    find: 'size.animated = uint(bytes, 8, 4) !== 1',
    replace: 'size.animated = true',
    tests: [test('files/kinds')],
  },
  {
    name: 'an AVIF by the general brand is told what to set on an iPhone',
    file: KINDS,
    find: "others.some((one) => /^avi[fs]/.test(one)) ? 'avif' : 'heic'",
    replace: "others.length < 0 ? 'avif' : 'heic'",
    tests: [test('files/kinds')],
  },
  {
    name: 'a raw photo passes for a TIFF',
    file: KINDS,
    find: 'return tags.has(DNG_VERSION) || ',
    replace: 'return ',
    tests: [test('files/kinds')],
  },
  {
    name: 'files that are left out leave holes in the job',
    file: FILES,
    find: 'index: photos.length });',
    replace: 'index: one.fileIndex });',
    tests: [test('files/skip')],
  },
  {
    name: 'with skip, a job of no photo is begun',
    file: FILES,
    find: "if (photos.length > 0 && (refused.length === 0 || onInvalid === 'skip')) return",
    replace: "if (refused.length === 0 || onInvalid === 'skip') return",
    tests: [test('files/skip')],
  },
  {
    name: 'files are left out without being asked',
    file: FILES,
    find: "  onInvalid: 'throw' | 'skip' = 'throw',",
    replace: "  onInvalid: 'throw' | 'skip' = 'skip',",
    tests: [test('files/skip'), test('files/kinds')],
  },
  {
    name: 'an input that is emptied takes the files of its run with it',
    file: 'client-sdk/src/upload/photo-file.ts',
    find: 'isList ? Array.from(given as unknown as ArrayLike<PhotoFile>) :',
    replace: 'isList ? (given as unknown as readonly PhotoFile[]) :',
    tests: [test('files/skip')],
  },
  {
    name: 'after a reload photos are taken to be the first of the files',
    file: RUN,
    find: 'fileIndex: fileIndexes[index] ?? null,',
    replace: 'fileIndex: index,',
    tests: [test('files/skip')],
  },
  {
    name: 'an upload that fails is named by its place in the job',
    file: 'client-sdk/src/upload/upload.ts',
    find: '  { fileIndex, name }: PreparedPhoto,\n',
    replace: '  { index: fileIndex, name }: PreparedPhoto,\n',
    tests: [test('files/skip')],
  },
  {
    name: 'a retry forgets what its job was encoded as',
    file: 'client-sdk/src/job/handle.ts',
    find: 'asked(change, result.format), options)',
    replace: 'asked(change), options)',
    tests: [test('files/skip')],
  },
  {
    name: 'a run leaves its format to the server',
    file: 'client-sdk/src/job/handle.ts',
    find: 'change: asked(change), maxCredits',
    replace: 'change, maxCredits',
    tests: [test('format')],
  },
  {
    name: 'names of the demo differ by case alone',
    file: NAMES,
    find: "name.normalize('NFC').toLowerCase().normalize('NFC')",
    replace: "name.normalize('NFC')",
    tests: [DEMO],
  },
  {
    name: 'names of the demo are cut by characters that are counted as bytes',
    file: NAMES,
    find: "Buffer.byteLength(characters.join('')) > bytes",
    replace: 'characters.length > bytes',
    tests: [DEMO],
  },
  {
    name: 'a second photo of a name overwrites the result of the first',
    file: 'examples/job.sh',
    find: ' 2>/dev/null || continue',
    replace: ' 2>/dev/null || true',
    tests: [other('e2e', 'examples')],
  },
];

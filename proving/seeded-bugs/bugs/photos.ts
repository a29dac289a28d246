/** Mistakes of the reference GPU worker with the photos that phones, cameras and tools make. */
import type { Bug } from '../bug.ts';

const worker = (name: string): string => `examples/gpu-worker/src/${name}.ts`;
const tested = (name: string): string[] => [`examples/gpu-worker/test/${name}.test.ts`];

export const PHOTOS: Bug[] = [
  {
    name: 'a photo of 16 bits is led through Display P3',
    file: worker('photo/decode'),
    find: "  if (deep) return samplesOf(await toEightBits(image, colours, profile), 'png');\n",
    replace: '',
    tests: tested('colour'),
  },
  {
    name: 'colours that a PNG states by number are passed over',
    file: worker('photo/inspect'),
    find: 'bytes: withProfile(bytes, png) ?? bytes };',
    replace: 'bytes };',
    tests: tested('colour'),
  },
  {
    name: 'a JPEG that lacks rows is taken for whole',
    file: worker('photo/inspect'),
    find: 'damage: () => jpegDamage(bytes), bytes };',
    replace: 'damage: () => null, bytes };',
    tests: tested('damage'),
  },
  {
    name: 'a scan is taken at its word, and nonsense in it for damage',
    file: worker('photo/jpeg/jpeg'),
    find: '  if (!frame.progressive) return {',
    replace: '  if (!frame) return {',
    tests: tested('damage'),
  },
  {
    name: 'checksums of a PNG are not looked at',
    file: worker('photo/png'),
    find: '  if (broken) return `',
    replace: '  if (broken && !png.ended) return `',
    tests: tested('damage'),
  },
  {
    name: 'of an animation the first frame is the photo',
    file: worker('photo/inspect'),
    find: '  if (frames > 1)',
    replace: '  if (frames > 1000)',
    tests: tested('kinds'),
  },
  {
    name: 'a photo with nothing in it is painted where things usually lie',
    file: worker('segment/layers'),
    find: '  const nothing = nothingThere(frame.scene);',
    replace: '  const nothing: string | null = frame.scene.size < 0 ? nothingThere(frame.scene) : null;',
    tests: tested('evidence'),
  },
  {
    name: 'an outline need not follow any edge',
    file: worker('segment/support'),
    find: 'const LEAST_EDGES = 0.4;',
    replace: 'const LEAST_EDGES = 0;',
    tests: tested('evidence'),
  },
  {
    name: 'what changes softly is an edge too',
    file: worker('segment/support'),
    find: 'const LEAST_SHARP = 0.08;',
    replace: 'const LEAST_SHARP = 0;',
    tests: tested('evidence'),
  },
  {
    name: 'noise that was blurred is taken for a photo',
    file: worker('segment/evidence'),
    find: 'const LEAST_KURTOSIS = 4.8;',
    replace: 'const LEAST_KURTOSIS = 3.05;',
    tests: tested('evidence'),
  },
  {
    name: 'a rim of the old colour stays where a mask is cut off',
    file: worker('paint/edges'),
    find: 'const GROWTH = 4;',
    replace: 'const GROWTH = 0;',
    tests: tested('rim'),
  },
  {
    name: 'a result is PNG whatever was asked for',
    file: worker('jobs/run-item'),
    find: 'protect, outputType }, signal)',
    replace: "protect, outputType: 'image/png' }, signal)",
    tests: tested('output'),
  },
  {
    name: 'a preview is bounded on one side',
    file: worker('photo/encode'),
    find: '.resize(PREVIEW_SIDE, PREVIEW_SIDE, {',
    replace: '.resize(PREVIEW_SIDE, undefined, {',
    tests: tested('output'),
  },
  {
    name: 'the outline of a product is taken for print on it',
    file: worker('segment/print'),
    find: '{ near: 4, share: 0.5 }',
    replace: '{ near: 4, share: 2 }',
    tests: tested('rim'),
  },
  {
    name: 'a 16-bit photo is read dull',
    file: worker('photo/decode'),
    find: 'Math.round(v / 257)',
    replace: 'Math.round(10 + (v / 257) * 0.88)',
    tests: ['start/test/second-decoder.test.ts'],
  },
  {
    name: 'a hole in a product is protected up to its rim, as if it were a glint',
    file: worker('segment/holes'),
    find: 'const LIKE_BEHIND = 8;',
    replace: 'const LIKE_BEHIND = 0;',
    tests: tested('rim'),
  },
  {
    name: 'what is seen through a handle is painted as the product',
    file: worker('segment/product'),
    find: 'subtract(filled, seenThrough(scene, subtract(filled, open), union(figure, filled)))',
    replace: 'union(filled, subtract(filled, seenThrough(scene, subtract(filled, open), union(figure, filled))))',
    tests: tested('rim'),
  },
  {
    name: 'a pixel that is an eighth the thing is taken for none of it where nothing varies',
    file: worker('paint/edges'),
    find: 'const [LEAST_DOUBT, MOST_DOUBT] = [0.02, 0.11];',
    replace: 'const [LEAST_DOUBT, MOST_DOUBT] = [0.11, 0.11];',
    tests: tested('rim'),
  },
];

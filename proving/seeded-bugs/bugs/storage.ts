/** Mistakes between the client, the storage and what lies there. */
import { type Bug, domain, object, other } from '../bug.ts';

const UPLOAD = 'client-sdk/src/upload/upload.ts';
const DOOR = 'start/local/storage-door.ts';
const SIGNATURE = 'start/local/s3-signature.ts';

const uploads = 'client-sdk/test/upload.test.ts';
const door = 'start/test/storage-door.test.ts';
const lifecycle = 'start/test/bucket-lifecycle.test.ts';

export const STORAGE: Bug[] = [
  {
    name: 'a URL that is refused without CORS headers is never renewed',
    file: UPLOAD,
    find: '            urls.doubt(good);\n',
    replace: '',
    tests: [uploads],
  },
  {
    name: 'every failure without an answer renews the URL again',
    file: UPLOAD,
    find: '            doubted = true;\n',
    replace: '',
    tests: [uploads],
  },
  {
    name: 'a doubt ends the upload while the server is out of reach',
    file: UPLOAD,
    find: 'if (ended || !isS3Error(error) || !error.retryable) throw error;',
    replace: 'throw error;',
    tests: [uploads],
  },
  {
    name: 'a doubt goes on uploading for a job that was canceled',
    file: UPLOAD,
    find: 'if (ended || !isS3Error(error) || !error.retryable) throw error;',
    replace: 'if (ended) throw error;',
    tests: [uploads],
  },
  {
    name: 'the double forgets that a URL was refused',
    file: 'client-sdk/src/testing/faults.ts',
    find: "    if (fault === 'opaque') this.#opaque.add(url);\n",
    replace: '',
    tests: ['client-sdk/test/testing/server.test.ts'],
  },
  {
    name: 'the local bucket lets a page read its refusals',
    file: DOOR,
    find: 'OF_THE_BUCKET.has(statusCode) ? Object.entries(cors).flat() : []',
    replace: 'Object.entries(cors).flat()',
    tests: [door],
  },
  {
    name: 'the local bucket takes headers that nobody signed',
    file: SIGNATURE,
    find: "name.startsWith('x-amz-') && !names.includes(name)",
    replace: 'names.length === 0',
    tests: [door],
  },
  {
    name: 'the local bucket takes parameters that nobody signed',
    file: SIGNATURE,
    find: "    .filter(([name]) => name !== 'X-Amz-Signature')",
    replace: '    .filter(([name]) => /^X-Amz-(?!Signature$)/.test(name))',
    tests: [door],
  },
  {
    name: 'a preflight is answered to every page',
    file: 'start/local/bucket-cors.ts',
    find: "  if (!allowed.origins.some((one) => one === '*' || one === origin)) return {};\n",
    replace: '',
    tests: [door],
  },
  {
    name: 'a photo that its reader would unpack is confirmed',
    file: 'server/src/domain/job/uploads.ts',
    find: 'object.encoding !== undefined',
    replace: "object.encoding === ''",
    tests: [domain('job/uploads')],
  },
  {
    name: 'whatever lies where a result belongs is charged',
    file: 'server/src/domain/job/look.ts',
    find: 'plain !== asked && plain !== USUAL_TYPE',
    replace: "plain === 'none'",
    tests: [domain('job/look'), object('ending')],
  },
  {
    name: 'URLs do not sign that nothing is copied, though they should',
    file: 'server/src/storage/presign.ts',
    find: "signCopySource ? ['x-amz-copy-source'] : []",
    replace: 'signCopySource ? [] : []',
    tests: [other('storage', 'presign')],
  },
  {
    name: 'photos can be kept for ever by one job after the other',
    file: 'server/src/domain/job/create.ts',
    find: 'now <= job.createdAt + lendMs',
    replace: 'now >= job.createdAt',
    tests: [domain('job/create')],
  },
  {
    name: "the bucket's own rules forget the jobs made from a photo",
    file: 'start/deploy/bucket-lifecycle.ts',
    find: 'days(numbers.JOB_LEND_MS + kept)',
    replace: 'days(kept)',
    tests: [lifecycle],
  },
  {
    name: "the bucket's own rules leave no time for the clean-up",
    file: 'start/deploy/bucket-lifecycle.ts',
    find: 'shortest < days + MARGIN_DAYS',
    replace: 'shortest < days',
    tests: [lifecycle],
  },
];

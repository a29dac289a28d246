/** Mistakes with presigned URLs, with the bucket behind them, and with photos. */
import { server, type Weakness } from './weakness.ts';

const PRESIGN = server('storage/presign');
const UPLOADS = server('domain/job/uploads');
const DECODE = 'examples/gpu-worker/src/photo/decode.ts';
const INSPECT = 'examples/gpu-worker/src/photo/inspect.ts';

/** A bucket that takes its callers at their word: whatever is asked of it is done, in the operator's name. */
const OPEN_BUCKET = [
  {
    file: 'proving/world/bundle/world.ts',
    find: "import type { CallOptions } from '../calls.ts';",
    replace:
      "import { AwsClient } from 'aws4fetch';\nimport type { CallOptions } from '../calls.ts';\nimport type { Sent } from './http.ts';",
  },
  {
    file: 'proving/world/bundle/world.ts',
    find: '  /** The value of a setting or secret in force. */\n',
    replace: `  override async send(path: string, sent: Sent = {}): Promise<Reply> {
    const { s3 } = this.production;
    if (!path.startsWith(s3.endpoint)) return super.send(path, sent);
    const client = new AwsClient({ accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey, service: 's3', region: 'auto', retries: 0 });
    const type = Object.entries(sent.headers ?? {}).filter(([name]) => name === 'content-type');
    const method = sent.method ?? 'GET';
    const body = method === 'GET' || method === 'HEAD' || sent.body === undefined ? {} : { body: sent.body as Uint8Array<ArrayBuffer> };
    const simulator = (path.split('?')[0] ?? path).replace(new URL(s3.endpoint).origin, this.url);
    const signed = await client.sign(simulator, { method, headers: Object.fromEntries(type), ...body });
    return this.http.send(signed.url, { ...sent, method, headers: Object.fromEntries(signed.headers) });
  }

`,
  },
];

export const PRESIGNING: Weakness[] = [
  {
    name: 'the type of an upload is not signed',
    changes: [
      {
        file: PRESIGN,
        find: "'content-type', 'content-length', 'if-none-match'",
        replace: "'content-length', 'if-none-match'",
      },
      { file: PRESIGN, find: "[contentType, length, '*', '']", replace: "[length, '*', '']" },
    ],
    catches: ['presigning: PUT with another type', 'presigning: PUT without a type'],
    // The second finds what the first has left.
    got: /it answered (200|412)/,
  },
  {
    name: 'the length of an upload is not signed',
    changes: [
      {
        file: PRESIGN,
        find: "'content-type', 'content-length', 'if-none-match'",
        replace: "'content-type', 'if-none-match'",
      },
      { file: PRESIGN, find: "[contentType, length, '*', '']", replace: "[contentType, '*', '']" },
    ],
    catches: ['presigning: PUT with another length: a byte less, a byte more, nothing, a megabyte'],
  },
  {
    name: 'an upload may overwrite what lies there',
    changes: [
      {
        file: PRESIGN,
        find: "'content-type', 'content-length', 'if-none-match'",
        replace: "'content-type', 'content-length'",
      },
      { file: PRESIGN, find: "[contentType, length, '*', '']", replace: "[contentType, length, '']" },
      { file: PRESIGN, find: ", 'if-none-match': '*' }", replace: ' }' },
    ],
    catches: [
      'presigning: PUT without its signed header',
      'presigning: PUT with its signed header changed',
      'presigning: PUT a second time',
      'presigning: two PUTs at once: one lies there',
    ],
  },
  {
    name: 'the bucket does not look at signatures',
    changes: OPEN_BUCKET,
    catches: [
      'presigning: PUT of more than was signed, in chunks and without a length',
      "presigning: PUT under another key: another photo's, another job's, another user's",
      'presigning: PUT with .. and %2e%2e in the key',
      'presigning: the URL of a PUT for another method',
      'presigning: PUT with a longer life, another day, another signer or another signature',
      'presigning: a PUT without any signature',
      "presigning: a GPU worker's URL with another type, key or method",
      "presigning: the URL of a result for somebody else's key, for a listing, or as a PUT",
      'presigning: a URL with a parameter that nobody signed, or for another method',
    ],
  },
  {
    name: 'the bucket honours headers that nobody signed',
    changes: [{ file: 'proving/world/bundle/world.ts', find: 'door: !bare,', replace: 'door: !bare && false,' }],
    catches: [
      "presigning: a PUT that copies another user's photo *",
      'presigning: a PUT with x-amz- headers that nobody signed',
    ],
  },
  {
    name: 'a photo may say how it is to be unpacked',
    changes: [{ file: UPLOADS, find: 'object.encoding !== undefined', replace: 'object.encoding === "never"' }],
    catches: ['presigning: a photo that its reader would unpack (content-encoding)'],
  },
  {
    name: 'the URL of a result is good for a day',
    changes: [
      {
        file: PRESIGN,
        find: 'const seconds = numbers.DOWNLOAD_URL_SECONDS;',
        replace: 'const seconds = numbers.DOWNLOAD_URL_SECONDS * 86_400;',
      },
    ],
    catches: ['presigning: the URL of a result after its expiry'],
  },
  {
    name: 'a signed PUT is good for a week, whatever its job has noted',
    changes: [
      {
        file: PRESIGN,
        find: 'Math.max(1, Math.min(MAX_SECONDS, Math.floor((until - now) / 1000)))',
        replace: 'Math.max(now > until ? 1 : 1, MAX_SECONDS)',
      },
    ],
    catches: ['presigning: PUT after its expiry', "presigning: a GPU worker's PUT after the job's clean-up"],
  },
  {
    name: 'clean-up keeps the photos of a canceled job',
    changes: [
      {
        file: server('storage/deletion'),
        find: 'if (keys.length > 0) await',
        replace: 'if (keys.length > 1e6) await',
      },
    ],
    catches: ['presigning: PUT to a canceled job, then after its clean-up: nothing is left'],
    got: /was not cleaned up/,
  },
  {
    name: 'new upload URLs are given at any time, for photos that there are not',
    changes: [
      {
        file: UPLOADS,
        find: "  const verdict = ask(job, 'renewUploads');\n  if (typeof verdict !== 'string') return verdict;\n",
        replace: '',
      },
      { file: UPLOADS, find: 'if (wrong !== -1) return invalid(', replace: 'if (wrong > 1e6) return invalid(' },
    ],
    catches: [
      'presigning: new upload URLs for a job that no longer waits for photos',
      'presigning: new upload URLs for photos that the job has not',
    ],
  },
  {
    name: 'photos are there because the client says so',
    changes: [{ file: UPLOADS, find: 'if (bad > 0)', replace: 'if (bad > 1e6)' }],
    catches: ['presigning: photos that are missing, or other than announced'],
  },
  {
    name: 'a photo is what its decoder makes of it',
    changes: [
      {
        file: DECODE,
        find: '  const { kind, bytes } = inspect(given);',
        replace: "  const { kind, bytes } = { kind: 'jpeg' as const, bytes: given };",
      },
    ],
    catches: ['presigning: a photo that is SVG, HTML, GIF, PDF or TIFF'],
  },
  {
    name: 'a photo that cannot be decoded is a grey one',
    changes: [
      {
        file: DECODE,
        find: '  const { kind, bytes } = inspect(given);',
        replace: "  const { kind, bytes } = { kind: 'jpeg' as const, bytes: given };",
      },
      {
        file: DECODE,
        find: "    throw damaged('it cannot be decoded');",
        replace: '    return { data: new Uint8Array(3 * 64 * 64), width: 64, height: 64, channels: 3 };',
      },
    ],
    catches: ['presigning: a photo that begins as a JPEG and is none'],
  },
  {
    name: 'a photo of any size is decoded',
    changes: [
      { file: INSPECT, find: 'const MOST_PIXELS = 64_000_000;', replace: 'const MOST_PIXELS = 6_400_000_000;' },
    ],
    catches: ['presigning: a decompression bomb of *'],
  },
];

/** Mistakes with calls: batches, methods, content types, sizes, and what stands in an input. */
import { server, type Weakness } from './weakness.ts';

const HANDLER = server('rpc/handler');
const LIMITS = server('contract/limits');
const INPUT = server('wire/input');
const PRESETS = server('domain/presets');

/** What tRPC is given to answer. */
const REQUEST = 'req: read,';
const NO_TYPE_CHECK = {
  file: HANDLER,
  find: "if (type !== null && !JSON_TYPE.test(type)) throw new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE' });",
  replace: 'void type;',
};

const UNGUARDED = [
  {
    file: INPUT,
    find: "const bad =\n    excess(json, 'input') ??",
    replace: "const bad = json !== undefined ? null :\n    excess(json, 'input') ??",
  },
  { file: INPUT, find: 'const document = {', replace: 'const document = meta !== undefined ? { json, meta } : {' },
  {
    file: INPUT,
    find: "return invalid('input.meta.values', 'names a path that is none');",
    replace: 'return ok(json);',
  },
];

export const TRPC: Weakness[] = [
  {
    name: 'an input that does not stand where it belongs passes for none',
    changes: [
      {
        file: INPUT,
        find: "const stray = Object.keys(payload).find((name) => name !== 'json' && name !== 'meta');",
        replace: 'const stray = [].find((name) => name);',
      },
      {
        file: INPUT,
        find: "if (!Object.hasOwn(payload, 'json') && !isNothing) return noInput();",
        replace: 'void isNothing;',
      },
    ],
    catches: ['tRPC: inputs that do not stand in "json", so that they would pass for none'],
  },
  {
    name: 'of a batch the first twenty calls are made, whatever the length of its address',
    changes: [
      {
        file: HANDLER,
        find: REQUEST,
        replace: `req: ((all: URL) => {
      all.pathname = all.pathname.split(',').slice(0, MAX_BATCH).join(',');
      const { method, headers } = request;
      return new Request(all.href, { method, headers, ...(method === 'POST' && { body: body ?? '' }) });
    })(new URL(request.url)),`,
      },
      { file: HANDLER, find: 'if (bad !== null) throw new ApiError(bad.refusal);', replace: '' },
      { file: LIMITS, find: 'MAX_RPC_URL = 16 * 1024', replace: 'MAX_RPC_URL = 16 * 1024 * 1024' },
    ],
    catches: ['tRPC: a batch of 21 mutations', 'tRPC: a batch of 5,000 *'],
    got: /it answered (2\d\d|403 (RULE_SLOT_FULL|VALIDATION_ERROR))/,
  },
  {
    name: 'a call by GET is one by POST',
    changes: [
      {
        file: HANDLER,
        find: REQUEST,
        replace: `req: ((asked: URL) => {
      const isMutation = /\\.(create|revoke|cancel|anon)/.test(asked.pathname) && request.method === 'GET';
      const headers = [...request.headers, ['content-type', 'application/json']] as [string, string][];
      return isMutation ? new Request(request.url, { method: 'POST', headers, body: asked.searchParams.get('input') ?? '{}' }) : read;
    })(new URL(request.url)),`,
      },
    ],
    catches: ['tRPC: a mutation as GET', 'tRPC: a mutation as GET in a batch', 'tRPC: a method override'],
  },
  {
    name: 'a call by any method is one by POST',
    changes: [
      {
        file: HANDLER,
        find: REQUEST,
        replace:
          "req: request.method === 'GET' || request.method === 'POST' ? read : new Request(request, { method: 'POST' }),",
      },
    ],
    catches: ['tRPC: other methods on a procedure'],
  },
  {
    name: 'a body is JSON whatever it says of itself',
    changes: [
      {
        file: HANDLER,
        find: REQUEST,
        replace:
          "req: request.method === 'GET' ? read : new Request(request.url, { method: 'POST', headers: [...[...request.headers].filter(([name]) => name !== 'content-type'), ['content-type', 'application/json']], body }),",
      },
      NO_TYPE_CHECK,
    ],
    catches: [
      'tRPC: a mutation as text/plain',
      'tRPC: a mutation as application/*',
      'tRPC: a mutation as multipart/form-data',
      'tRPC: a mutation without a content type, and with one that only looks like JSON',
      'tRPC: bytes where JSON belongs',
    ],
  },
  {
    name: 'a body of any size is read to its end',
    changes: [{ file: LIMITS, find: 'MAX_RPC_BODY = 256 * 1024', replace: 'MAX_RPC_BODY = 256 * 1024 * 1024' }],
    catches: ['tRPC: a body of a byte more than 256 KB', 'tRPC: a body of 10 MB, with and without its length'],
    got: /it answered 400 .*not 413 or 0/s,
  },
  {
    name: 'an address may be of any length, and so may a text',
    changes: [
      { file: LIMITS, find: 'MAX_RPC_URL = 16 * 1024', replace: 'MAX_RPC_URL = 16 * 1024 * 1024' },
      { file: LIMITS, find: 'characters: 4_096', replace: 'characters: 4_096_000' },
    ],
    catches: ['tRPC: an input of 20 KB in the address, and one of 200 KB'],
    got: /it answered 404 PRESET_NOT_FOUND/,
  },
  {
    name: 'a subscription by HTTP is answered with a stream',
    changes: [
      {
        file: HANDLER,
        find: "(type === 'subscription' ? { status: 400 } : {})",
        replace: '(type === null ? { status: 400 } : {})',
      },
    ],
    catches: ['tRPC: jobs.watch over plain HTTP, as a stream'],
  },
  {
    name: 'a concept is any word',
    changes: [
      { file: PRESETS, find: 'if (!Object.hasOwn(data.concepts, concept)) {', replace: 'if (concept === "") {' },
    ],
    catches: ['tRPC: the choice of another preset on a job', 'tRPC: texts beyond their limits'],
  },
  {
    name: 'names are looked up where prototypes are found as well',
    changes: [
      {
        file: PRESETS,
        find: 'if (!Object.hasOwn(data.concepts, concept)) {',
        replace: 'if (!(concept in data.concepts)) {',
      },
      {
        file: PRESETS,
        find: 'if (!Object.hasOwn(data.concepts, id) && !Object.hasOwn(data.protectOnly, id)) {',
        replace: 'if (!(id in data.concepts) && !(id in data.protectOnly)) {',
      },
      {
        file: PRESETS,
        find: 'return Object.hasOwn(data.palette, value) ? (data.palette[value]?.hex ?? null) : null;',
        replace: "return value in data.palette ? (data.palette[value]?.hex ?? '#000000') : null;",
      },
      { file: INPUT, find: "new Set(['__proto__', 'constructor', 'prototype'])", replace: 'new Set()' },
    ],
    catches: [
      'tRPC: __proto__ as a concept, a preset, a colour, a protect and a template',
      'tRPC: constructor as a concept, a preset, a colour, a protect and a template',
      'tRPC: toString as a concept, a preset, a colour, a protect and a template',
    ],
  },
  {
    name: 'a preset that is none is the first one',
    changes: [
      {
        file: server('contract/presets'),
        find: 'export const presetGetInput = z.object({ id: presetId });',
        replace: "export const presetGetInput = z.object({ id: z.catch(presetId, 'interior') });",
      },
    ],
    catches: [
      'tRPC: __proto__ as a preset and as a procedure',
      'tRPC: constructor as a preset and as a procedure',
      'tRPC: toString as a preset and as a procedure',
    ],
  },
  {
    name: 'an input is what superjson makes of it, and what it cannot read is taken as it stands',
    changes: [
      ...UNGUARDED,
      {
        file: server('contract/rules'),
        find: 'const ruleName = trimmed(1, MAX_RULE_NAME);',
        replace:
          'void trimmed;\nconst ruleName = z.pipe(z.any(), z.transform((value) => String(value).slice(0, MAX_RULE_NAME)));',
      },
    ],
    catches: [
      'tRPC: superjson: a *',
      'tRPC: superjson: meta that is text, and values 50 deep',
      'tRPC: superjson: 8,000 annotations',
      'tRPC: inputs of another type',
    ],
  },
  {
    name: 'an input is written down as it comes',
    changes: [
      ...UNGUARDED,
      {
        file: server('rpc/init'),
        find: 't.middleware(async ({ ctx, path, next }) => {',
        replace:
          "t.middleware(async ({ ctx, path, next, getRawInput }) => {\n  if (JSON.stringify(await getRawInput()) === '') throw new Error('nothing was sent');",
      },
    ],
    catches: ['tRPC: superjson: referential equalities in a ring are not followed'],
    got: /it answered 500/,
  },
  {
    name: 'references are followed wherever they lead',
    changes: [
      { file: INPUT, find: 'foreignReference(referentialEqualities ?? undefined);', replace: 'null;' },
      {
        file: INPUT,
        find: 'return ok(superjson.deserialize(document as SuperJSONResult));',
        replace: 'return ok(followed(superjson.deserialize(document as SuperJSONResult), meta.referentialEqualities));',
      },
      {
        file: INPUT,
        find: 'const isUndefined =',
        replace: `function followed(value: any, references: any): any {
  const at = (names: string[]): any => names.reduce((inner: any, name) => inner?.[name], value);
  for (const [from, others] of Object.entries(references ?? {})) {
    for (const path of others as string[]) {
      const names = path.split('.');
      const last = names.pop() ?? '';
      const holder = at(names);
      if (holder) holder[last] = at(from.split('.'));
    }
  }
  return value;
}
const isUndefined =`,
      },
    ],
    catches: [
      'tRPC: superjson: referential equalities through __proto__ are not followed',
      'tRPC: superjson: referential equalities that give one field the value of another are not followed',
      'tRPC: prototypes stay clean: a later call sees nothing of it',
    ],
    got: /a prototype was changed|the rule became/,
  },
  {
    name: 'an input may be of any depth',
    changes: [{ file: INPUT, find: 'if (depth >= INPUT.depth)', replace: 'if (depth >= 1e9)' }],
    catches: ['tRPC: an input 100 deep, and one 20,000 deep'],
  },
  {
    name: 'what follows a body is cut off',
    changes: [
      {
        file: HANDLER,
        find: REQUEST,
        replace:
          "req: request.method === 'GET' ? read : new Request(read, { body: (body ?? '').replace(/[^}]*$/, '') }),",
      },
    ],
    catches: ['tRPC: inputs that are no JSON'],
  },
  {
    name: 'the calls of a batch are counted, whatever their indexes',
    changes: [
      {
        file: HANDLER,
        find: 'return strayInBatch(inputs, calls);',
        replace: 'return calls < 0 ? strayInBatch(inputs, calls) : null;',
      },
      {
        file: HANDLER,
        find: REQUEST,
        replace:
          "req: body && request.url.includes('batch=1') ? new Request(request, { body: JSON.stringify(Object.fromEntries(Object.values(JSON.parse(body) as object).map((call, at) => [at, call]))) }) : read,",
      },
    ],
    catches: ['tRPC: a batch whose indexes are __proto__ and constructor'],
  },
  {
    name: 'a procedure is found in any letters',
    changes: [
      {
        file: server('index'),
        find: 'return handleRpc(request, env',
        replace: "return handleRpc(new Request(request.url.replace('JOBS.GET', 'jobs.get'), request), env",
      },
    ],
    catches: ['tRPC: procedures that are not there'],
    got: /it answered 400 VALIDATION_ERROR/,
  },
  {
    name: 'the limits of fields, keys and pages are wide',
    changes: [
      { file: server('contract/jobs'), find: 'bytes: whole(1, MAX_PHOTO_BYTES),', replace: 'bytes: z.number(),' },
      {
        file: server('contract/jobs'),
        find: 'const fromPhotos = z.strictObject({',
        replace: 'const fromPhotos = z.object({',
      },
      { file: LIMITS, find: ' IDEMPOTENCY_KEY = { min: 8', replace: ' IDEMPOTENCY_KEY = { min: 1' },
      { file: LIMITS, find: 'PAGE = { default: 20, max: 100 }', replace: 'PAGE = { default: 20, max: 1_000_000_000 }' },
    ],
    catches: [
      'tRPC: photos that are none: counts, sizes and types beyond the limits',
      'tRPC: fields that a client may not set',
      'tRPC: keys that are none',
      'tRPC: pages beyond their limits',
    ],
    // Beyond what is looked at first, a limit of another kind may be in the way.
    got: /it answered (200|429 CONCURRENCY_LIMIT)/,
  },
];

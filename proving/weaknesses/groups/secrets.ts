/** Mistakes that tell what must not be told. */
import { server, type Weakness } from './weakness.ts';

const INDEX = server('index');
const LOG = server('log');
const NO_REDACTION = {
  file: LOG,
  find: 'if (!mayHoldSecrets(text)) return text;',
  replace: 'if (text !== "") return text;',
};

export const SECRETS: Weakness[] = [
  {
    name: 'credentials are logged, and nothing is blacked out',
    changes: [
      NO_REDACTION,
      {
        file: INDEX,
        find: 'const notes: LogFields = {};',
        replace:
          "const notes: LogFields = { authorization: request.headers.get('authorization'), search: new URL(request.url).search };",
      },
    ],
    catches: [
      'secrets: no canary in any log line*',
      'secrets: session tokens, tickets and signatures in addresses are not logged',
    ],
    got: /stands in a log line/,
  },
  {
    name: 'an error says with which credentials it was met',
    changes: [
      {
        file: INDEX,
        find: '${pathname.slice(0, 100)}`, null)',
        replace: "${pathname.slice(0, 100)} for ${request.headers.get('authorization')}`, null)",
      },
    ],
    catches: ['secrets: no canary in the body of any error*'],
    got: /stands in an error/,
  },
  {
    name: 'a secret is kept with each account, and weak ones do',
    changes: [
      {
        file: server('rpc/routers/auth'),
        find: 'input.deviceHash ?? null',
        replace: 'input.deviceHash ?? ctx.settings.jwtSecret + input.idempotencyKey',
      },
      {
        file: server('settings/reader'),
        find: 'if (this.#production && value && bytes < MIN_SECRET_BYTES)',
        replace: 'if (this.#production && value && bytes < 1)',
      },
    ],
    catches: ['secrets: no canary in any row of D1 or of an object*'],
    got: /stands in a row/,
  },
  {
    name: 'a message of the queue brings the key to sign with',
    changes: [
      {
        file: server('contract/gpu-message'),
        find: '  idempotency_prefix: z.string(),',
        replace: '  idempotency_prefix: z.string(),\n  signing_key: z.string(),',
      },
      {
        file: server('domain/job/message'),
        find: '    idempotency_prefix:',
        replace: '    signing_key: String(process.env.GPU_CALLBACK_SECRET),\n    idempotency_prefix:',
      },
    ],
    catches: [
      'secrets: no canary in a message of the queue, which is a dispatch without what dispatch adds',
      "secrets: the provider's key goes to the provider alone",
    ],
    got: /stands in a message|holds a secret/,
  },
  {
    name: 'a log line is a text',
    changes: [
      {
        file: LOG,
        find: 'const line = JSON.stringify(entry);',
        replace: "const line = `${level} ${event} ${decodeURIComponent(String(entry.path ?? ''))}`;",
      },
    ],
    catches: [
      'secrets: text that would forge a log line: each line stays one object',
      'secrets: every log line is one JSON object with its level, event and time',
    ],
    got: /is no JSON|has no level/,
  },
  {
    name: 'weak secrets serve',
    changes: [
      {
        file: server('settings/reader'),
        find: 'if (this.#production && value && bytes < MIN_SECRET_BYTES)',
        replace: 'if (this.#production && value && bytes < 1)',
      },
    ],
    catches: ['secrets: a deployment with weak secrets serves nobody, and says which but not what'],
  },
  {
    name: 'bad input of a procedure of operators is told to everybody',
    changes: [
      {
        file: server('rpc/init'),
        find: 'if (adminSecret === null || ctx.bearer === null || !sameText(ctx.bearer, adminSecret)) {',
        replace: 'if (adminSecret !== null && sameText(adminSecret, String(null))) {',
      },
    ],
    catches: ['secrets: with bad input, an admin procedure looks no different from none'],
    got: /it answered 400/,
  },
  {
    name: 'health says where it calls',
    changes: [
      {
        file: server('doors/health'),
        find: 'settings: { problems } };',
        replace: 'settings: { problems }, provider: env.GPU_URL };',
      },
    ],
    catches: ['secrets: health tells nothing that a stranger could use'],
  },
  {
    name: 'secrets are compared as texts',
    changes: [
      {
        file: server('security/derive'),
        find: "return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));",
        replace: 'return a === b;',
      },
    ],
    catches: ['secrets: secrets are compared as digests, in constant time'],
  },
  {
    name: 'a secret stands in the code, for when none is set',
    changes: [
      {
        file: server('settings/settings'),
        find: "required('JWT_SECRET')",
        replace: "required('JWT_SECRET') || 'local-production-jwt-secret-for-tests-only'",
      },
    ],
    catches: ['secrets: the bundle holds no panel, no source path, no secret and no test code'],
    got: /stands in the bundle/,
  },
  {
    name: 'a fault says what it is, and a cursor stands in the SQL',
    changes: [
      {
        file: server('wire/refusal-of'),
        find: "refuse('INTERNAL_ERROR', 'internal error', null)",
        replace: "refuse('INTERNAL_ERROR', String(error), null)",
      },
      {
        file: server('db/job-history'),
        find: 'AND (created_at, job_id) < (?2, ?3)\n       ORDER BY created_at DESC, job_id',
        replace:
          'AND created_at < ${before.at} AND job_id < ${before.id} AND ?2 <> ?3\n       ORDER BY created_at DESC, job_id',
      },
      { file: server('domain/paging'), find: '([\\x21-\\x7e]{1,244})', replace: '(.{1,244})' },
    ],
    catches: ['secrets: a fault inside is masked: no stack, no SQL, no text of its own'],
    got: /it says/,
  },
  {
    name: 'a cursor stands in the SQL',
    changes: [
      {
        file: server('db/job-history'),
        find: 'AND (created_at, job_id) < (?2, ?3)\n       ORDER BY created_at DESC, job_id',
        replace: "AND (created_at, job_id) < (?2, '${before.id}')\n       ORDER BY created_at DESC, job_id",
      },
    ],
    catches: ['tRPC: SQL in cursors, ids and names'],
    got: /an answer shows the victim's/,
  },
];

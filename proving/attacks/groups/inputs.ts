/** tRPC, continued: inputs made to break whoever reads them, beyond every limit, or of a kind that nobody expects. */

import type { Reply } from '../../world/bundle/http.ts';
import { data, type World } from '../../world/bundle/world.ts';
import { answers, must } from '../attack.ts';
import { INVALID, post, RULE, trpc } from './trpc.ts';

const NOT_FOUND = answers(404, 'NOT_FOUND');

/** Inputs that are refused before anything is done with them. */
function refusedInputs(name: string, path: string, inputs: unknown[], answer = INVALID, meta?: unknown): void {
  trpc.attack(name, answer, async (world) => {
    const replies: Reply[] = [];
    for (const input of inputs) replies.push(await world.mutate(path, input, { token: world.attacker.token, meta }));
    return replies;
  });
}
const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}${close.repeat(depth)}`;
trpc.attack('an input 100 deep, and one 20,000 deep', INVALID, async (world) => {
  const inputs = [nested(100, '[', ']'), nested(20_000, '[', ']'), `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`];
  // Each beside what would make a rule: nothing but the depth is wrong.
  const rule = JSON.stringify(RULE).slice(0, -1);
  return Promise.all(inputs.map((input) => post(world, 'rules.create', `{"json":${rule},"deep":${input}}}`)));
});
trpc.attack('inputs that are no JSON', INVALID, (world) =>
  Promise.all(
    [
      '{',
      'undefined',
      '{"json":',
      "{'json':1}",
      '\0',
      '{"json":NaN}',
      '\ud800',
      `${JSON.stringify({ json: RULE })}x`,
      '<x/>',
    ].map((body) => post(world, 'rules.create', body)),
  ),
);
refusedInputs('inputs of another type', 'rules.create', [
  null,
  [],
  'text',
  7,
  true,
  [RULE],
  { ...RULE, name: { length: 1 } },
  { ...RULE, name: ['a'] },
  { ...RULE, name: 5 },
]);

for (const name of ['__proto__', 'constructor', 'toString']) {
  const own = (value: unknown) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`) as unknown;
  refusedInputs(`${name} as a concept, a preset, a colour, a protect and a template`, 'rules.create', [
    { ...RULE, concepts: own({ action: 'remove' }) },
    { ...RULE, concepts: { Wall: { action: name } } },
    { ...RULE, concepts: { Wall: { action: 'recolor', value: name } } },
    { ...RULE, concepts: { Wall: { action: 'tone', value: name } } },
    { ...RULE, protect: [name] },
    { ...RULE, concepts: { Wall: own({ action: 'remove' }) } },
  ]);
  trpc.attack(
    `${name} as a preset and as a procedure`,
    answers(404, ['PRESET_NOT_FOUND', 'NOT_FOUND']),
    async (world) => [
      await world.query('presets.get', { id: name }),
      ...(await Promise.all(
        [name, `jobs.${name}`, `${name}.call`, `jobs.get.${name}`, `_def.${name}`, `rules.create.${name}`].map((path) =>
          world.query(path, {}, { token: world.attacker.token }),
        ),
      )),
    ],
  );
}
trpc.attack('procedures that are not there', NOT_FOUND, (world) =>
  Promise.all(
    [
      '',
      '.',
      '..',
      'jobs',
      'jobs.',
      '.jobs.get',
      'jobs..get',
      'JOBS.GET',
      'jobs/get',
      'jobs%2Fget',
      'admin',
      '_def',
      'a'.repeat(2000),
    ].map((path) => world.query(path, {}, { token: world.attacker.token })),
  ),
);

/** What a prototype would give to every later input that says nothing of its `protect`. */
const POLLUTION = ['Ceiling'];

async function mustBeClean(world: World, token: string): Promise<void> {
  const later = await world.mutate('rules.create', { ...RULE, name: 'Later' }, { token });
  // Refused counts as well: where everything has a field more, nothing fits its schema.
  must(later.status === 200 && !later.body.includes('Ceiling'), `a prototype was changed: ${later.body}`);
}

const withMeta = (name: string, meta: unknown, json: unknown = RULE, answer = INVALID): void =>
  refusedInputs(name, 'rules.create', [json], answer, meta);
withMeta('superjson: a path to __proto__', { values: { '__proto__.polluted': ['Date'] } });
withMeta('superjson: a path to constructor.prototype', { values: { 'constructor.prototype.polluted': ['Date'] } });
for (const [what, referentialEqualities] of [
  ['through __proto__', { extra: ['__proto__.protect', 'constructor.prototype.protect'] }],
  ['in a ring', [['concepts', 'concepts.Wall']]],
  ['that give one field the value of another', { presetId: ['name'] }],
] as const) {
  trpc.staged(
    `superjson: referential equalities ${what} are not followed`,
    answers([200, 400], [null, 'VALIDATION_ERROR']),
    async (world) => {
      const { token } = await world.signUp();
      return async () => {
        const given = { ...RULE, extra: POLLUTION };
        const reply = await world.mutate('rules.create', given, { token, meta: { referentialEqualities } });
        await mustBeClean(world, token);
        if (reply.status !== 200) return reply;
        const { name, presetId, concepts } = RULE;
        const made = data(reply) as Record<string, unknown>;
        const same =
          JSON.stringify([made.name, made.presetId, made.concepts]) === JSON.stringify([name, presetId, concepts]);
        must(same, `the rule became ${reply.body}`);
        return reply;
      };
    },
    { changes: [/^user\/.*\/rule\//, /^d1\/rules\//] },
  );
}
withMeta('superjson: a type that nobody knows', { values: { name: ['custom', 'Evil'] } });
withMeta('superjson: a class of ours', { values: { name: [['class', 'Object']] } });
withMeta('superjson: a symbol', { values: { name: [['symbol', 'iterator']] } });
withMeta('superjson: meta that is text, and values 50 deep', {
  values: JSON.parse(`${'{"a":['.repeat(50)}${']}'.repeat(50)}`),
});
trpc.attack('superjson: 8,000 annotations', answers([400, 413], ['VALIDATION_ERROR', 'PAYLOAD_TOO_LARGE']), (world) => {
  const values = Object.fromEntries(Array.from({ length: 8_000 }, (_, n) => [`a.${n}`, ['Date']]));
  return post(world, 'rules.create', JSON.stringify({ json: { ...RULE, a: [] }, meta: { values } }));
});
const typed = (type: string, value: unknown, extra: unknown = undefined) => ({
  json: { ...RULE, name: value },
  meta: { values: { name: extra === undefined ? [type] : [type, extra] } },
});
for (const [type, value] of [
  ['Map', [['a', 1]]],
  ['set', Array.from({ length: 20_000 }, (_, n) => n)],
  ['regexp', '/(a+)+$/'],
  ['bigint', '9'.repeat(100_000)],
  ['Date', 'not a date'],
  ['Error', { name: 'E', message: 'm', stack: 's' }],
  ['URL', 'http://169.254.169.254/latest/meta-data'],
  ['number', 'NaN'],
  ['undefined', null],
] as const) {
  trpc.attack(`superjson: a ${type} where text belongs`, INVALID, (world) => {
    const { json, meta } = typed(type === 'Map' ? 'map' : type, value);
    return world.mutate('rules.create', json, { token: world.attacker.token, meta });
  });
}
trpc.attack(
  'prototypes stay clean: a later call sees nothing of it',
  answers(200),
  async (world) => {
    const polluted = [
      '{"json":{"__proto__":{"protect":["Wall"],"isAdmin":true}}}',
      '{"json":{},"meta":{"values":{"__proto__.isAdmin":["undefined"]}}}',
      '{"json":{"a":{"isAdmin":true}},"meta":{"referentialEqualities":{"a":["__proto__"]}}}',
      '{"json":{"a":["Ceiling"]},"meta":{"referentialEqualities":{"a":["__proto__.protect"]}}}',
    ];
    for (const body of polluted) await post(world, 'rules.create', body);
    await mustBeClean(world, (await world.signUp()).token);
    const reply = await world.query('user.me', undefined, { token: world.attacker.token });
    must(!/isAdmin|polluted/.test(reply.body), `a prototype was changed: ${reply.body}`);
    must(reply.body.includes('"plan":"pro"'), `user.me says ${reply.body}`);
    return reply;
  },
  { changes: [/^d1\/(users|rules|billing_events)\//, /^object\/user\//, /^user\//] },
);

const photo = { contentType: 'image/jpeg', bytes: 10 };
refusedInputs('photos that are none: counts, sizes and types beyond the limits', 'jobs.create', [
  { preset: 'interior', photos: [] },
  { preset: 'interior', photos: Array.from({ length: 201 }, () => photo) },
  { preset: 'interior', photos: [{ ...photo, bytes: 0 }] },
  { preset: 'interior', photos: [{ ...photo, bytes: -1 }] },
  { preset: 'interior', photos: [{ ...photo, bytes: 1.5 }] },
  { preset: 'interior', photos: [{ ...photo, bytes: 25_000_001 }] },
  { preset: 'interior', photos: [{ ...photo, bytes: 1e300 }] },
  { preset: 'interior', photos: [{ ...photo, bytes: '10' }] },
  { preset: 'interior', photos: [{ ...photo, contentType: 'text/html' }] },
  { preset: 'interior', photos: [{ ...photo, contentType: 'image/svg+xml' }] },
  { preset: 'interior', photos: [{ ...photo, contentType: 'image/jpeg\r\nx-amz-acl: public-read' }] },
  { preset: 'interior', photos: { length: 1, 0: photo } },
]);
refusedInputs('fields that a client may not set', 'jobs.create', [
  { preset: 'interior', photos: [photo], userId: 'usr_other' },
  { preset: 'interior', photos: [photo], status: 'uploaded' },
  { preset: 'interior', photos: [photo], callbackBase: 'http://169.254.169.254' },
  { preset: 'interior', photos: [photo], from: { jobId: 'x' } },
  { from: { jobId: 'x', userId: 'usr_other' } },
]);
refusedInputs('texts beyond their limits', 'rules.create', [
  { ...RULE, name: '' },
  { ...RULE, name: ' '.repeat(50) },
  { ...RULE, name: 'x'.repeat(81) },
  { ...RULE, concepts: {} },
  { ...RULE, concepts: Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`c${n}`, { action: 'remove' }])) },
  { ...RULE, concepts: { ['x'.repeat(65)]: { action: 'remove' } } },
  { ...RULE, concepts: { '../x': { action: 'remove' } } },
  { ...RULE, protect: Array.from({ length: 33 }, () => 'Grout') },
  { ...RULE, concepts: { Wall: { action: 'recolor', value: '#12345' } } },
  { ...RULE, concepts: { Wall: { action: 'recolor', value: 'red; DROP TABLE rules' } } },
  { ...RULE, concepts: { Wall: { action: 'remove', value: 'x', extra: true } } },
]);
refusedInputs(
  'keys that are none',
  'jobs.create',
  [
    '',
    'short',
    'x'.repeat(129),
    'with space in it',
    'new\nline-in-key',
    'nul\0-in-the-key',
    '💥💥💥💥💥💥💥💥',
    7,
    ['a-key-in-a-list'],
  ].map((idempotencyKey) => ({ preset: 'interior', photos: [photo], idempotencyKey })),
);
trpc.attack(
  'SQL in cursors, ids and names',
  answers([200, 400, 404], [null, 'VALIDATION_ERROR', 'RULE_NOT_FOUND', 'JOB_NOT_FOUND']),
  async (world) => {
    const { token } = world.attacker;
    const sql = [
      "' OR '1'='1",
      "') OR 1=1 --",
      '1; DROP TABLE users; --',
      "x' UNION SELECT id FROM users --",
      '%',
      '\\',
    ];
    const replies: Reply[] = [];
    for (const text of sql) {
      replies.push(
        await world.query('jobs.list', { cursor: `zzzzzzzz.${text.replaceAll(' ', '/**/')}` }, { token }),
        await world.query('user.ledger', { cursor: `zzzzzzzz.${text.replaceAll(' ', '/**/')}` }, { token }),
        await world.query('rules.get', { id: text }, { token }),
        await world.query('jobs.get', { jobId: text }, { token }),
      );
    }
    const { jobs, userId } = world.victim;
    for (const theirs of [userId, ...Object.values(jobs).map(({ jobId }) => jobId)]) {
      must(!replies.some(({ body }) => body.includes(theirs)), `an answer shows the victim's ${theirs}`);
    }
    return replies;
  },
);
trpc.attack('pages beyond their limits', INVALID, (world) =>
  Promise.all(
    [0, -1, 101, 1e9, 1.5, '20', {}].map((limit) =>
      world.query('jobs.list', { limit }, { token: world.attacker.token }),
    ),
  ),
);

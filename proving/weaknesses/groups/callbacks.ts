/** Mistakes with callbacks: who may report, and what a report may say. */
import { server, type Weakness } from './weakness.ts';

const AUTH = server('security/callback-auth');
const DOOR = server('doors/callback');
const RESULTS = server('domain/job/results');
const CONTRACT = server('contract/callback');
const LIMITS = server('contract/limits');

const SETTLED_ONCE = {
  file: RESULTS,
  find: "    if ((openItems(next) & bit(result.idx)) === 0n) return { idx: result.idx, outcome: 'duplicate' };\n",
  replace: '',
};
const NO_REPLAYS = {
  file: server('durable-objects/job-coordinator/replays'),
  find: 'const since = now - this.#signatureMs();',
  replace: 'const since = now + this.#signatureMs();',
};

export const CALLBACKS: Weakness[] = [
  {
    name: 'whoever calls back is believed',
    changes: [
      {
        file: DOOR,
        find: 'const shown = reporterShown(headers, jobId, settings);',
        replace: 'const shown = reporterShown(headers, jobId, settings) ?? { webhookId: null };',
      },
    ],
    catches: [
      'callbacks: no credential',
      'callbacks: an empty bearer',
      'callbacks: a made-up bearer',
      "callbacks: the owner's session token",
      'callbacks: the admin secret',
      'callbacks: the key for the GPU provider',
      'callbacks: the job id as its own token',
      'callbacks: a watch ticket of the job',
      "callbacks: the job's token *",
      'callbacks: the first half of the global secret',
      'callbacks: the global secret and one character',
      'callbacks: the global secret as Basic',
      'callbacks: an empty signature',
      'callbacks: a thousand wrong signatures at once',
      'callbacks: a signature *',
      'callbacks: each byte *',
    ],
  },
  {
    name: 'one token is good for every job',
    changes: [
      { file: AUTH, find: "'callback-token'), jobId, 'base64url')", replace: "'callback-token'), '', 'base64url')" },
    ],
    catches: [
      "callbacks: job A's token on job B",
      "callbacks: job A's callback_secret on job B",
      "callbacks: a signature with job A's token on job B",
      "callbacks: a signature with job A's callback_secret on job B",
    ],
  },
  {
    name: 'the global secret is taken although it is switched off',
    changes: [
      { file: AUTH, find: 'settings.callbackGlobalSecret && sameText(', replace: 'sameText(' },
      { file: AUTH, find: 'if (settings.callbackGlobalSecret && namesJob(', replace: 'if (namesJob(' },
    ],
    catches: [
      'callbacks: the global secret as bearer, while it is switched off',
      'callbacks: the global secret in *',
      'callbacks: a signature under the global secret, while it is switched off',
    ],
  },
  {
    name: 'the global secret signs for jobs that its body does not name',
    changes: [
      {
        file: AUTH,
        find: 'settings.callbackGlobalSecret && namesJob(body.text, jobId)',
        replace: 'settings.callbackGlobalSecret',
      },
    ],
    catches: ['callbacks: a signature under the global secret over a body that names no job'],
  },
  {
    name: 'a signature is good at any time, in any notation',
    changes: [
      { file: AUTH, find: ' || !/^\\d{1,12}$/.test(timestamp)', replace: '' },
      {
        file: AUTH,
        find: '  if (Math.abs(now / 1000 - Number(timestamp)) > TIMESTAMP_TOLERANCE) return null;\n',
        replace: '',
      },
    ],
    catches: [
      'callbacks: a signature 301 s *',
      'callbacks: a signature 3600 s ahead',
      'callbacks: a signature 86400 s old',
      'callbacks: a signed timestamp *',
      'callbacks: a signed callback again outside the window',
    ],
  },
  {
    name: 'a signed callback counts as often as it comes, and so does a photo',
    changes: [NO_REPLAYS, SETTLED_ONCE],
    catches: ['callbacks: a signed callback again inside the window changes nothing'],
  },
  {
    name: 'a signed callback counts as often as it comes',
    changes: [NO_REPLAYS],
    catches: ['callbacks: the id of a taken callback on another body, signed again'],
  },
  {
    name: 'a photo is settled by each of its callbacks',
    changes: [SETTLED_ONCE],
    catches: ['callbacks: a finished photo reported failed, and a failed one done'],
  },
  {
    name: 'what is reported done is charged, whether it lies in R2 or not',
    changes: [
      {
        file: server('domain/job/ending'),
        find: 'const done = job.done & look.results;',
        replace: 'const done = job.done;',
      },
    ],
    catches: ['callbacks: results claimed done that were never stored are not charged'],
    got: /they were charged/,
  },
  {
    name: 'what lies under the key of a result is one, whatever it is',
    changes: [
      {
        file: server('domain/job/look'),
        find: "  if (bytes === 0) return { kind: 'none', reason: RESULT_EMPTY };\n",
        replace: "  if (bytes < SMALLEST_USUAL) return { kind: 'result' };\n",
      },
    ],
    catches: ['callbacks: a text file and an empty one under the keys of results are not charged'],
    got: /they were charged/,
  },
  {
    name: 'a compressed callback is unpacked to its end',
    changes: [
      {
        file: server('doors/encoding'),
        find: 'if (bytes > limit) return',
        replace: 'if (bytes > limit * 100) return',
      },
    ],
    catches: ['callbacks: a body that unpacks to 50 MB'],
    // Unpacked, and only then refused for what stands in it.
    got: /it answered 400 .*not 413/s,
  },
  {
    name: 'results are taken whatever has become of the job',
    changes: [
      {
        file: RESULTS,
        find: "  if (verdict === 'early' || verdict === 'late') return outOfTime(job, results, verdict, webhook);\n",
        replace: '',
      },
    ],
    catches: ['callbacks: results for a job that was canceled'],
  },
  {
    name: 'indexes and keys of a result are not compared with those of the job',
    changes: [{ file: RESULTS, find: 'if (bad !== null) return bad;', replace: '' }],
    catches: [
      "callbacks: keys of another user's job",
      'callbacks: keys that climb out of their folder',
      "callbacks: another photo's key of the same job",
      'callbacks: one foreign key among good results',
      'callbacks: an index outside the job',
    ],
  },
  {
    name: 'a callback that does not fit is taken as one without results',
    changes: [
      {
        file: DOOR,
        find: 'if (!parsed.success) return { ok: false, refusal: refusalOf(parsed.error) };',
        replace: 'if (!parsed.success) return { ok: true, results: [], isBatch: true };',
      },
      {
        file: DOOR,
        find: "return invalid('body', 'is not JSON');",
        replace: 'return { ok: true, results: [], isBatch: true };',
      },
    ],
    catches: [
      'callbacks: a status that is none',
      'callbacks: fields of another type',
      'callbacks: more than 200 results',
      'callbacks: results that are no list',
      'callbacks: bodies that are no object',
      'callbacks: a body 100 deep, and one 10,000 deep',
      'callbacks: __proto__ as the body of the result',
    ],
  },
  {
    name: 'any status but failed is done',
    changes: [
      {
        file: CONTRACT,
        find: 'if (outcome !== undefined) return outcome;',
        replace: "return outcome ?? 'done';",
      },
    ],
    catches: ['callbacks: a status that is none'],
    got: /^it changed job\/|answered 200/,
  },
  {
    name: 'a callback may hold any number of results',
    changes: [{ file: LIMITS, find: 'MAX_CALLBACK_ITEMS = 200', replace: 'MAX_CALLBACK_ITEMS = 20_000' }],
    catches: ['callbacks: more than 200 results'],
  },
  {
    name: 'a body is taken for the job of its address, whichever it names',
    changes: [
      {
        file: DOOR,
        find: "  if (data.job_id != null && data.job_id !== jobId) return invalid('job_id', 'is not the job of this address');\n",
        replace: '',
      },
    ],
    catches: ['callbacks: a body for another job'],
  },
  {
    name: 'a callback of any size is read to its end',
    changes: [
      { file: LIMITS, find: 'MAX_CALLBACK_BODY = 1024 * 1024', replace: 'MAX_CALLBACK_BODY = 1024 * 1024 * 64' },
    ],
    catches: ['callbacks: a body of a byte more than 1 MB', 'callbacks: a body of 10 MB, with and without its length'],
    // Read, and only then refused for what stands in it.
    got: /it answered 40[01] .*not 413 or 0/s,
  },
  {
    name: 'of a body the first piece is enough',
    changes: [
      {
        file: server('doors/body'),
        find: 'if (fitsAsAnnounced(request, limit)) return new Uint8Array(await request.arrayBuffer());',
        replace: 'if (request.body !== null) return (await request.body.getReader().read()).value ?? new Uint8Array();',
      },
    ],
    catches: ['callbacks: a body shorter than its announced length'],
  },
  {
    name: 'results for an id that is none are thanked for',
    changes: [
      {
        file: DOOR,
        find: "return answerRefusal(requestId, refuse('JOB_NOT_FOUND', 'no such job', null).refusal);",
        replace: 'return answer(requestId, { items: [] });',
      },
    ],
    catches: ['callbacks: jobs that are none, with the global secret'],
  },
  {
    name: 'a callback comes by any method',
    changes: [
      {
        file: server('index'),
        find: "if (jobId !== undefined && request.method === 'POST') return callback",
        replace: 'if (jobId !== undefined) return callback',
      },
    ],
    catches: ['callbacks: other methods on the callback'],
  },
];

/** The net below the clean-up: that it deletes nothing that is needed, and that wrangler sets it as it stands in the file. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { daysNeeded, LIFECYCLE_FILE, lifecycleProblems, readDeployment } from '../deploy/bucket-lifecycle.ts';
import { ROOT, WRANGLER } from '../paths.ts';
import { runStep } from '../run-step.ts';

const text = readFileSync(LIFECYCLE_FILE, 'utf8');
const { numbers, bucket } = await readDeployment();
const DAY = 86_400_000;
type Rule = { id: string; conditions: { prefix: string }; deleteObjectsTransition?: unknown };
const edited = (edit: (rules: Rule[]) => Rule[]): string => JSON.stringify({ rules: edit(JSON.parse(text).rules) });
const withAge = (prefix: string, days: number): string =>
  edited((rules) =>
    rules.map((rule) =>
      rule.conditions.prefix === prefix
        ? { ...rule, deleteObjectsTransition: { condition: { type: 'Age', maxAge: days * 86_400 } } }
        : rule,
    ),
  );

test('the rules as they are delete nothing that is needed by the settings of wrangler.toml', () => {
  expect(lifecycleProblems(text, numbers)).toEqual([]);
});

test('what is needed: results for a job’s life and their retention, photos for every job that may be made from them as well', () => {
  expect(daysNeeded(numbers)).toEqual({ 'inputs/': 153, 'outputs/': 33, 'previews/': 33, 'masks/': 33 });
});

test.each([
  'inputs/',
  'outputs/',
  'previews/',
  'masks/',
])('%s may not go before it is needed no more, nor stay for ever', (prefix) => {
  const needed = daysNeeded(numbers)[prefix] ?? 0;
  expect(lifecycleProblems(withAge(prefix, needed + 7), numbers)).toEqual([]);
  expect(lifecycleProblems(withAge(prefix, needed + 6), numbers)).toEqual([
    expect.stringContaining(`deletes ${prefix}`),
  ]);
  const without = edited((rules) => rules.filter(({ conditions }) => conditions.prefix !== prefix));
  expect(lifecycleProblems(without, numbers)).toEqual([expect.stringContaining(`no rule for ${prefix}`)]);
});

test.each([
  ['JOB_RESULT_RETENTION_MS', 60 * DAY],
  ['JOB_LEND_MS', 365 * DAY],
  ['JOB_EXECUTION_MS', 40 * DAY],
])('a setting that keeps objects longer is noticed: %s', (name, value) => {
  expect(lifecycleProblems(text, { ...numbers, [name]: value })).not.toEqual([]);
});

test('a file that wrangler or R2 would not take, or that reaches beyond our folders, is refused', () => {
  const [first] = JSON.parse(text).rules;
  for (const broken of [
    '',
    '[]',
    '{"rules":{}}',
    edited((rules) => [...rules, first]),
    edited((rules) => [...rules, { ...first, id: 'more', conditions: { prefix: '' } }]),
    edited((rules) => [...rules, { ...first, id: 'more', conditions: { prefix: 'exports/' } }]),
    edited((rules) => rules.map((rule) => ({ ...rule, enabled: false }))),
    edited((rules) => rules.filter(({ id }) => id !== 'incomplete-uploads')),
    text.replaceAll('maxAge', 'days'),
  ]) {
    expect(lifecycleProblems(broken, numbers), broken.slice(0, 80)).not.toEqual([]);
  }
});

test('wrangler sends the rules to the bucket as they stand in the file', async () => {
  const heard: { line: string; body: string }[] = [];
  const cloudflare = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    heard.push({ line: `${request.method} ${request.url}`, body: Buffer.concat(chunks).toString() });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ success: true, errors: [], messages: [], result: {} }));
  });
  await new Promise<void>((resolve) => cloudflare.listen(0, '127.0.0.1', resolve));
  const address = cloudflare.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const env = {
    ...process.env,
    CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}`,
    CLOUDFLARE_API_TOKEN: 'token-for-tests-only',
    CLOUDFLARE_ACCOUNT_ID: 'account',
    WRANGLER_SEND_METRICS: 'false',
  };
  const args = ['r2', 'bucket', 'lifecycle', 'set', bucket, '--file', LIFECYCLE_FILE, '--force'];
  const { ok, output } = await runStep(process.execPath, [WRANGLER, ...args], { env, cwd: ROOT });
  cloudflare.close();
  expect(ok, output).toBe(true);
  const put = heard.find(({ line }) => line.startsWith('PUT '));
  expect(put?.line).toBe(`PUT /accounts/account/r2/buckets/${bucket}/lifecycle`);
  expect(JSON.parse(put?.body ?? '')).toEqual(JSON.parse(text));
});

/** wrangler.toml: that staging is production under other names, and that what is required is what the Worker asks for. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import { SECRET_NAMES } from '../../deploy/secrets.ts';
import { settingProblems, settingsParser } from '../../deploy/settings.ts';
import { readTarget, WRANGLER_TOML, withDatabaseId } from '../../deploy/target.ts';
import { fromRoot } from '../../paths.ts';
import { SECRETS, VARS } from './world.ts';

const [production, staging] = [readTarget(null), readTarget('staging')];
const toml = readFileSync(WRANGLER_TOML, 'utf8');

test('staging shares no resource with production', () => {
  const names = ({ worker, database, bucket, queues }: typeof production) => [worker, database.name, bucket, ...queues];
  const limits = (env: string) =>
    unstable_readConfig({ config: WRANGLER_TOML, env }).ratelimits.map(
      (one: { namespace_id: string }) => one.namespace_id,
    );
  const shared = (some: readonly string[], others: readonly string[]) => some.filter((one) => others.includes(one));
  expect(shared(names(production), names(staging))).toEqual([]);
  expect(shared(limits(''), limits('staging'))).toEqual([]);
  // The Worker knows a queue of dead letters by its name.
  for (const { queues } of [production, staging])
    expect(queues.map((name) => name.endsWith('-dlq'))).toEqual([false, true]);
});

test('but for its names staging is configured as production is: nothing that wrangler does not inherit is left out', () => {
  const told = (env: string) =>
    JSON.stringify(unstable_readConfig({ config: WRANGLER_TOML, env }), (key, value: unknown) =>
      [
        'topLevelName',
        'targetEnvironment',
        'definedEnvironments',
        'database_id',
        'namespace_id',
        'jsx_factory',
      ].includes(key)
        ? undefined
        : value,
    );
  const alike = told('staging').replaceAll('-staging', '');
  expect(JSON.parse(alike)).toEqual(JSON.parse(told('')));
});

test('the id of a database is written where it belongs, and every other line stays', () => {
  const lines = (text: string) => text.split('\n');
  const production2 = withDatabaseId(toml, null, 'new-id');
  expect(lines(production2).filter((line, n) => line !== lines(toml)[n])).toEqual(['database_id = "new-id"']);
  const staging2 = withDatabaseId(toml, 'staging', 'new-id');
  const again = withDatabaseId(staging2, 'staging', 'newer-id');
  for (const [text, id] of [
    [staging2, 'new-id'],
    [again, 'newer-id'],
  ] as const) {
    const at = lines(text).indexOf(`database_id = "${id}"`);
    expect(
      lines(text)
        .slice(0, at)
        .findLast((line) => line.startsWith('[')),
    ).toBe('[[env.staging.d1_databases]]');
    expect(
      lines(text)
        .toSpliced(at, 1)
        .filter((line) => line !== ''),
    ).toEqual(lines(withoutStagingId(toml)).filter((line) => line !== ''));
  }
  expect(() => withDatabaseId(toml, 'elsewhere', 'id')).toThrow('wrangler.toml has no [[env.elsewhere.d1_databases]]');
});

const withoutStagingId = (text: string): string => {
  const [before = '', after = ''] = text.split('[[env.staging.d1_databases]]');
  return [before, after.replace(/\n\s*database_id\s*=[^\n]*/, '')].join('[[env.staging.d1_databases]]');
};

test('secrets.required names exactly the secrets without which the Worker does not run', async () => {
  const parse = await settingsParser();
  const target = { ...production, vars: { ...production.vars, ...VARS, PUBLIC_BASE_URL: 'https://api.example.com' } };
  const problems = (known: readonly string[]) => settingProblems(target, known, {}, parse);
  expect(problems(production.required)).toEqual([]);
  expect(production.required).toEqual(staging.required);
  for (const name of production.required) {
    expect(problems(production.required.filter((one) => one !== name))).toEqual([
      expect.stringContaining(`${name} is missing`),
    ]);
  }
  expect(Object.keys(SECRETS).toSorted()).toEqual([...production.required].toSorted());
});

test('the names of secrets are those of the settings', () => {
  const names = readFileSync(fromRoot('server', 'src', 'settings', 'names.ts'), 'utf8');
  const [, union = ''] = /export type SecretName =([^;]*);/.exec(names) ?? [];
  expect([...SECRET_NAMES].toSorted()).toEqual(
    [...union.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '').toSorted(),
  );
});

test('a section that is not there is named', () => {
  expect(() => readTarget('elsewhere')).toThrow('wrangler.toml has no section env.elsewhere');
});

/**
 * A procedure that the server's router gets is in the client after one command: callable, typed and described, without a line of the
 * client's own source. The server here is the router itself.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Change, Copy } from '../../../proving/world/copy.ts';
import { runStep } from '../../../start/run-step.ts';
import { editorOf } from './hover.ts';

const GENERATE = 'client-sdk/generate/main.ts';
const SHAPES = `
export const presetFindInput = z.object({
  /** Such as \`Wall\`. */
  concept: z.string(),
  among: z.optional(z.array(presetId)),
});
/** Presets that were found. */
export const presetsFound = z.object({
  /** In no order. */
  ids: z.array(presetId),
  at: z.date(),
});
export type PresetsFound = z.infer<typeof presetsFound>;
`;
const PROCEDURE = `
  /** Presets that can change a concept. */
  find: publicProcedure
    .meta(OPEN)
    .input(inputOf(presetFindInput))
    .output(presetsFound)
    .query(({ input }) => {
      const able = presets().list.filter(({ concepts }) => concepts.some(({ id }) => id === input.concept));
      return { ids: able.map(({ id }) => id), at: new Date(0) };
    }),
  vote: publicProcedure.meta({ open: true }).mutation(() => 1),
`;
const behind = (file: string, find: string, added: string): Change => ({ file, find, replace: `${find}${added}` });

let copy: Copy;
let before: Map<string, string>;
const at = (file: string) => path.join(copy.folder, file);
const run = (file: string, ...args: string[]) => runStep(process.execPath, [at(file), ...args], { cwd: copy.folder });
/** The client's own files and the generated ones, by name. */
function sources(): Map<string, string> {
  const names = globSync('**/*.ts', { cwd: at('client-sdk/src') });
  return new Map(names.map((name) => [name, readFileSync(at(path.join('client-sdk/src', name)), 'utf8')]));
}

beforeAll(async () => {
  copy = await Copy.ofCheckout('s3-generate-');
  before = sources();
  const router = 'server/src/rpc/routers/presets.ts';
  copy.mistake([
    behind('server/src/contract/presets.ts', 'export const presetListOutput = z.array(presetView);\n', SHAPES),
    behind(router, 'type Preset, presetGetInput,', ' presetFindInput, presetsFound,'),
    behind(router, 'export const presetsRouter = router({', PROCEDURE),
  ]);
});
afterAll(() => copy.remove());

test('until the command has run, the check names what is stale', async () => {
  const { ok, output } = await run(GENERATE, '--check');
  expect(ok).toBe(false);
  expect(output).toContain('client-sdk/src/generated/router.ts is not what the server says');
});

test('one command changes what is generated, and nothing else', async () => {
  expect(await run(GENERATE)).toMatchObject({ ok: true });
  const after = sources();
  const changed = [...after.keys()].filter((name) => after.get(name) !== before.get(name)).sort();
  expect(changed).toEqual(['calls', 'procedures', 'router', 'types'].map((name) => `generated/${name}.ts`));
  expect([...before.keys()].filter((name) => !after.has(name))).toEqual([]);
});

test('the procedure is typed and described for whoever has no server', () => {
  const app = at('client-sdk/app.ts');
  writeFileSync(
    app,
    `import { createClient, type PresetsFound } from './src/index.ts';
import { createS3Trpc } from './src/trpc/index.ts';
const client = createClient({ baseUrl: 'https://api.test' });
const trpc = createS3Trpc(client);
export const found: PresetsFound = await trpc.presets.find.query({ concept: 'Wall', among: ['interior'] });
export const [id, time]: ['interior' | 'seller' | undefined, number] = [found.ids[0], found.at.getTime()];
export const same: PresetsFound = await client.presets.find({ concept: 'Wall' });
// @ts-expect-error There is no such preset.
await trpc.presets.find.query({ concept: 'Wall', among: ['exterior'] });
// @ts-expect-error It needs an input.
await trpc.presets.find.query();
`,
  );
  const editor = editorOf(app);
  expect(editor.errors()).toEqual([]);
  expect(editor.shown('await trpc.presets.find')).toBe('Presets that can change a concept.');
  expect(editor.shown('await client.presets.find')).toBe('Presets that can change a concept.');
  expect(editor.shown('query({ concept')).toBe('Such as `Wall`.');
  expect(editor.shown('[found.ids')).toBe('In no order.');
  expect(editor.shown('export const found: PresetsFound')).toBe('Presets that were found.');
});

test('the procedure is called, over the client and over ./trpc, and again when its answer is lost if it is safe', async () => {
  writeFileSync(
    at('client-sdk/run.ts'),
    `import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { appRouter } from '../server/src/rpc/router.ts';
import { createClient } from './src/index.ts';
import { createS3Trpc } from './src/trpc/index.ts';
const lost = { find: 1, vote: 1 };
const fetch = (url, init) => {
  const path = new URL(url).pathname.split('.').at(-1);
  if (lost[path]-- > 0) return Promise.reject(new TypeError('Failed to fetch'));
  return fetchRequestHandler({ endpoint: '/trpc', req: new Request(url, init), router: appRouter, createContext: () => ({}) });
};
const client = createClient({ baseUrl: 'https://api.test', fetch });
const trpc = createS3Trpc(client);
console.log(JSON.stringify([await trpc.presets.find.query({ concept: 'Wall' }), await client.presets.find({ concept: 'Body' }),
  await trpc.presets.vote.mutate().catch(({ cause }) => cause.attempts), await client.presets.vote()]));
`,
  );
  const { output } = await run('client-sdk/run.ts');
  const then = '1970-01-01T00:00:00.000Z';
  expect(JSON.parse(output)).toEqual([{ ids: ['interior'], at: then }, { ids: ['seller'], at: then }, 1, 1]);
});

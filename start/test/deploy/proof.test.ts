/** The proof after a deployment: what it sees when the service, the job or the result is not well, and what it then tells to type. */
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { type CanaryClient, lookAt, runCanary } from '../../deploy/canary.ts';
import { fromRoot } from '../../paths.ts';
import { emptyAccount, writes } from './fake-wrangler.ts';
import { healthService, OLD_VERSION, removeFolders, usedAccount, type World, worldOf } from './world.ts';

afterAll(removeFolders);

const PHOTO = new Uint8Array(readFileSync(fromRoot('examples', 'photos', 'seller', 'cookie-box.jpg')));
const LIMIT = 5_000;
const healthy = { data: { status: 'ok' } };
const heard = ({ said }: World) => said.join('\n');

type Ran = Awaited<ReturnType<CanaryClient['jobs']['run']>>;
const ITEM = { status: 'done', resultUrl: null, error: null };
/** A client whose one job ends so. */
function clientWhere(ends: Partial<Ran> | Error): CanaryClient & { deleted: () => boolean } {
  let isDeleted = false;
  const run = async () => {
    if (ends instanceof Error) throw ends;
    return { jobId: 'job-1', status: 'done', charged: 1, error: null, items: [ITEM], ...ends };
  };
  return {
    jobs: { run },
    user: {
      delete: async () => {
        isDeleted = true;
      },
    },
    deleted: () => isDeleted,
  };
}
const resultOf = (bytes: Uint8Array): Partial<Ran> => ({
  items: [{ ...ITEM, resultUrl: `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}` }],
});
const painted = async (): Promise<Uint8Array> => {
  const box = await sharp({ create: { width: 60, height: 60, channels: 3, background: '#b0305c' } })
    .png()
    .toBuffer();
  return await sharp(PHOTO)
    .composite([{ input: box, left: 20, top: 20 }])
    .jpeg()
    .toBuffer();
};

test('a photo that came back changed and as large as it was is well, and what the canary left is deleted', async () => {
  const client = clientWhere(resultOf(await painted()));
  expect(await runCanary(client, LIMIT)).toMatchObject({
    ok: true,
    said: [expect.stringContaining('job job-1: done'), expect.stringContaining('% of it changed')],
  });
  expect(client.deleted()).toBe(true);
});

const notWell: [string, () => Promise<Partial<Ran> | Error>, RegExp][] = [
  ['the photo again', async () => resultOf(PHOTO), /that is the photo again/],
  [
    'the photo again, compressed harder',
    async () => resultOf(await sharp(PHOTO).jpeg({ quality: 12 }).toBuffer()),
    /that is the photo again/,
  ],
  [
    'another size',
    async () => resultOf(await sharp(PHOTO).resize(64, 64).jpeg().toBuffer()),
    /its result is 64×64, and the photo \d+×\d+/,
  ],
  ['no picture', async () => resultOf(new TextEncoder().encode('<!doctype html>')), /its result is no picture/],
  ['a result that is cut short', async () => resultOf((await painted()).slice(0, 9_000)), /its result is no picture/],
  ['nothing', async () => ({ items: [ITEM] }), /its photo done/],
  [
    'a failed photo',
    async () => ({ charged: 0, items: [{ ...ITEM, status: 'failed', error: 'CUDA out of memory' }] }),
    /its photo failed \(CUDA out of memory\), 0 credits/,
  ],
  [
    'a job that failed',
    async () => ({ status: 'failed', charged: 0, error: { code: 'GPU_REFUSED' }, items: [] }),
    /failed, its photo none \(\{"code":"GPU_REFUSED"\}\)/,
  ],
  [
    'a result that was not charged',
    async () => ({ ...resultOf(await painted()), charged: null }),
    /no credits charged/,
  ],
  [
    'a result that storage does not have',
    async () => ({ items: [{ ...ITEM, resultUrl: 'http://127.0.0.1:9/none' }] }),
    /the job: /,
  ],
  ['no answer', async () => new Error('fetch failed'), /the job: fetch failed/],
];

test.for(notWell)('%s is not well, and is told', async ([, ends, words]) => {
  const client = clientWhere(await ends());
  const seen = await runCanary(client, LIMIT);
  expect(seen.ok).toBe(false);
  expect(seen.said.join('\n')).toMatch(words);
  expect(client.deleted()).toBe(true);
});

test('a result with transparency, or as another type, is looked at as well', async () => {
  const png = await sharp(await painted())
    .ensureAlpha()
    .png()
    .toBuffer();
  expect((await lookAt(PHOTO, png)).ok).toBe(true);
});

test('a deployment that answers 503 ends with what it answered and the command that takes it back', async () => {
  const service = await healthService(503, { data: { status: 'unavailable', settings: { problems: ['GPU_URL'] } } });
  const failing = worldOf(usedAccount(null, service.url), {}, service.url);
  expect(await failing.deploy()).toBe(1);
  await service.close();
  expect(heard(failing)).toMatch(/health: 503 .*"problems":\["GPU_URL"\]/);
  expect(heard(failing)).toMatch(
    new RegExp(`it is deployed, and does not work.*\n\n  npx wrangler rollback ${OLD_VERSION} --env=$`),
  );
});

test('so does one that answers with something else, or not at all', async () => {
  const other = await healthService(200, { hello: 'world' });
  const failing = worldOf(usedAccount(null, other.url), {}, other.url);
  expect(await failing.deploy()).toBe(1);
  await other.close();
  expect(heard(failing)).toMatch(/health: 200 \{"hello":"world"\}/);
  const gone = worldOf(usedAccount(null, other.url), {}, other.url);
  expect(await gone.deploy()).toBe(1);
  expect(heard(gone)).toMatch(/ECONNREFUSED/);
});

test('so does a job that fails or comes back unchanged; in staging the command names staging', async () => {
  const service = await healthService(200, healthy);
  for (const [environment, ending] of [
    [null, ''],
    ['staging', 'staging'],
  ] as const) {
    const failing = worldOf(usedAccount(environment, service.url), {}, service.url);
    const canary = () => runCanary(clientWhere(resultOf(PHOTO)), LIMIT);
    expect(await failing.deploy({ environment }, { canary }), heard(failing)).toBe(1);
    expect(heard(failing)).toMatch(/that is the photo again/);
    expect(heard(failing)).toMatch(new RegExp(`npx wrangler rollback ${OLD_VERSION} --env=${ending}$`));
    expect(writes(failing.asked)).not.toContainEqual(expect.stringContaining('rollback'));
  }
  await service.close();
});

test('where nothing ran before, or the objects were migrated, it says that nothing takes it back', async () => {
  const service = await healthService(200, healthy);
  const canary = () => runCanary(clientWhere(new Error('no')), LIMIT);
  const first = worldOf(emptyAccount(), {}, service.url);
  expect(await first.deploy({}, { canary }), heard(first)).toBe(1);
  expect(heard(first)).toContain('Nothing ran here before');
  const migrated = worldOf({ ...usedAccount(null, service.url), tag: undefined, classes: [] }, {}, service.url);
  expect(await migrated.deploy({}, { canary }), heard(migrated)).toBe(1);
  expect(heard(migrated)).toContain("the objects' migration v1");
  await service.close();
});

test('a deployment after which the version of before still answers is not one', async () => {
  const service = await healthService(200, healthy);
  const stuck = worldOf(usedAccount(null, service.url), {}, service.url);
  const wrangler: typeof stuck.wrangler = async (args, how) =>
    args[0] === 'deploy' ? { code: 0, stdout: '', stderr: '' } : await stuck.wrangler(args, how);
  expect(await stuck.deploy({}, { wrangler })).toBe(1);
  await service.close();
  expect(heard(stuck)).toContain('it is the one of before');
});

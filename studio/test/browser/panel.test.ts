/** The panel in a browser, against the whole local stack: what it offers is tried as it stands. */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proceduresOfRouter } from '../../../proving/attacks/router.ts';
import { noChromium } from '../../../server/test/e2e/browser/chromium.ts';
import { buildPanel } from '../../../start/panel/if-stale.ts';
import { fromRoot, GENERATED } from '../../../start/paths.ts';
import { runStep } from '../../../start/run-step.ts';
import { violations } from './room/axe.ts';
import { picture } from './room/picture.ts';
import { openRoom, type Room } from './room/room.ts';
import type { Visitor, Wishes } from './room/visitor.ts';

const sh = promisify(execFile);

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : `: ${noChromium}`}`, () => {
  let room: Room;
  beforeAll(async () => {
    room = await openRoom({}, await buildPanel());
  });
  afterAll(() => room?.close());

  const enter = async (wishes: Wishes = {}): Promise<Visitor> => {
    const visitor = await room.enter(wishes);
    // The studio, where every visitor comes in, has made a session for him, and both keep the same one.
    await visitor.page.goto('/panel');
    await visitor.page.evaluate(() => localStorage.clear());
    await visitor.page.reload();
    await visitor.page.getByRole('heading', { level: 1 }).waitFor();
    return visitor;
  };
  const signIn = async (page: Page): Promise<string> => {
    await page.getByRole('button', { name: 'Sign in' }).click();
    return (await page.locator('[data-user]').textContent()) ?? '';
  };
  const at = (page: Page, name: string) => page.locator(`[data-procedure="${name}"]`);
  const goTo = async (page: Page, name: string) => {
    await page.evaluate((hash) => Object.assign(location, { hash }), name);
    await at(page, name).waitFor();
  };
  const runs = async (page: Page, name: string): Promise<string> => {
    await goTo(page, name);
    await at(page, name).getByRole('button', { name: 'Run' }).click();
    const answer = at(page, name).getByRole('region', { name: 'Answer' }).last();
    return (await answer.textContent({ timeout: 30_000 })) ?? '';
  };
  const shown = async (page: Page, name: string, what: 'TypeScript' | 'curl'): Promise<string> =>
    (await at(page, name).locator(`section[aria-label="${what}"]`).textContent()) ?? '';

  test('one click signs in, a reload keeps it, and another click ends it', async () => {
    const { page, problems } = await enter();
    const user = await signIn(page);
    expect(user).toMatch(/^\w/);
    await page.reload();
    expect(await page.locator('[data-user]').textContent()).toBe(user);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(problems).toEqual([]);
  });

  test('it is served under the policy of the studio', async () => {
    const policies = ['/', '/panel'].map(async (where) => {
      const { headers } = await fetch(`${room.stack.baseUrl}${where}`);
      return headers.get('content-security-policy');
    });
    const [studio, panel] = await Promise.all(policies);
    expect(studio).toContain("default-src 'none'");
    expect(panel).toBe(studio);
  });

  test('every procedure of the router is there, and its TypeScript compiles against the client', async () => {
    const { page } = await enter();
    const names = await page.locator('article').evaluateAll((all) => all.map((one) => one.dataset.procedure));
    expect(names).toEqual((await proceduresOfRouter()).map((one) => one.path));
    const listed = await page.locator('#procedures a').evaluateAll((all) => all.map((one) => one.textContent));
    expect([...listed].sort()).toEqual([...names].sort());
    const folder = path.join(GENERATED, 'panel-shown');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const name of names)
      writeFileSync(path.join(folder, `${name}.ts`), await shown(page, name ?? '', 'TypeScript'));
    const compilerOptions = { lib: ['es2024', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'] };
    const config = { extends: fromRoot('tsconfig.base.json'), compilerOptions, include: ['.'] };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = fromRoot('node_modules', 'typescript', 'bin', 'tsc');
    const { ok, output } = await runStep(process.execPath, [tsc, '-p', folder]);
    expect([ok, output.trim()]).toEqual([true, '']);
  });

  test('the samples run one after the other as they stand, from create to done, with the watch live', async () => {
    const { page, problems } = await enter();
    await signIn(page);
    expect(await runs(page, 'jobs.create')).toContain('"status": "created"');
    expect(await at(page, 'jobs.create').locator('[data-uploaded="200"]').count()).toBe(1);
    await at(page, 'jobs.create').getByRole('link', { name: 'Next: jobs.confirmUpload' }).click();
    expect(await runs(page, 'jobs.confirmUpload')).toContain('"uploaded"');
    // Before it is executed: what is told after that is told live.
    await goTo(page, 'jobs.watch');
    const watch = at(page, 'jobs.watch');
    await watch.getByRole('button', { name: 'Watch' }).click();
    await watch.locator('[data-live="open"]').waitFor();
    expect(await runs(page, 'jobs.execute')).toContain('"ticket"');
    await goTo(page, 'jobs.watch');
    await watch.locator('[data-live="ended"]').waitFor({ timeout: 60_000 });
    const events = await watch.getByRole('log').textContent();
    for (const type of ['progress', 'item', 'done']) expect(events).toContain(`"type": "${type}"`);
    await watch.getByRole('img').first().waitFor();
    await picture(page, 'panel-watch');
    const job = await runs(page, 'jobs.get');
    expect(job).toContain('"status": "done"');
    expect(job).toMatch(/"createdAt": new Date\("\d{4}-[\d:.TZ-]+"\)/);
    expect(await runs(page, 'jobs.downloads')).toContain('house.jpg');
    expect(await runs(page, 'jobs.delete')).toContain('"deleted": true');
    for (const name of ['rules.create', 'rules.get', 'rules.update', 'rules.delete']) await runs(page, name);
    expect(problems).toEqual([]);
  });

  test('the commands that stand there work as they are', async () => {
    const { page } = await enter();
    await signIn(page);
    await runs(page, 'jobs.create');
    await runs(page, 'rules.create');
    const names = ['presets.list', 'presets.get', 'auth.anon', 'auth.renew', 'user.me', 'user.export', 'user.ledger'];
    names.push('rules.list', 'rules.get', 'rules.update', 'jobs.estimate', 'jobs.renewUploads', 'jobs.confirmUpload');
    names.push('jobs.get', 'jobs.list', 'jobs.watch', 'jobs.cancel', 'jobs.delete', 'rules.delete', 'rules.create');
    names.push('jobs.create', 'admin.health', 'admin.setPlan', 'admin.grantCredits', 'admin.reconcile');
    const env = { ...process.env, ADMIN_SECRET: room.stack.secrets.ADMIN_SECRET };
    for (const name of names) {
      const { stdout } = await sh('sh', ['-c', await shown(page, name, 'curl')], { env });
      expect([name, Object.keys(JSON.parse(stdout)), stdout]).toEqual([name, ['result'], expect.anything()]);
    }
  });

  test('what is wrong is said by field before it is sent, and with its code and request when the server says it', async () => {
    const { page, problems } = await enter({ allowed: /status of 404/ });
    await signIn(page);
    await goTo(page, 'jobs.create');
    const create = at(page, 'jobs.create');
    await create
      .getByLabel('Input')
      .fill('{"preset":"interior","photos":[{"contentType":"image/jpeg","bytes":"all"}]}');
    await create.getByText('photos[0].bytes').waitFor();
    expect(await create.getByRole('button', { name: 'Run' }).isDisabled()).toBe(true);
    await create.getByRole('button', { name: 'Back to the sample' }).click();
    expect(await create.getByRole('button', { name: 'Run' }).isEnabled()).toBe(true);
    await goTo(page, 'jobs.get');
    await at(page, 'jobs.get').getByLabel('Input').fill('{"jobId":"none"}');
    await at(page, 'jobs.get').getByRole('button', { name: 'Run' }).click();
    const alert = at(page, 'jobs.get').getByRole('alert');
    expect(await alert.textContent()).toMatch(/JOB_NOT_FOUND.*404.*req_\w+/s);
    expect(problems).toEqual([]);
  });

  test('the keyboard alone finds a procedure by a word and runs it', async () => {
    const { page } = await enter();
    await page.locator('body').press('/');
    await page.keyboard.type('would cost');
    await page.keyboard.press('Enter');
    await at(page, 'jobs.estimate').waitFor();
    await at(page, 'jobs.estimate').getByLabel('Input').press('Control+Enter');
    const answer = at(page, 'jobs.estimate').getByRole('region', { name: 'Answer' }).last();
    expect(await answer.textContent()).toContain('"allowed": true');
  });

  test.each(
    [390, 1440].flatMap((width) => [false, true].map((dark) => ({ width, dark }))),
  )('at $width px, dark $dark: nothing for axe to find, no complaint, nothing beside the page; its links lead somewhere', async (wishes) => {
    const { page, problems } = await enter(wishes);
    await signIn(page);
    await runs(page, 'presets.get');
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(wishes.width);
    await picture(page, wishes.dark ? 'panel-dark' : 'panel');
    const links = page.getByRole('navigation', { name: 'Elsewhere' }).getByRole('link');
    for (const link of await links.all()) {
      const answer = await page.request.get((await link.getAttribute('href')) ?? 'none');
      expect([answer.url(), answer.status()]).toEqual([answer.url(), 200]);
    }
    expect(problems).toEqual([]);
  });
});

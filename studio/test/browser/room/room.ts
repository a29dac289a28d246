/** The studio as it is served, on the whole system of this machine: real Worker, storage, queue and GPU worker, behind a network and a gate. */
import type { Browser } from 'playwright-core';
import { Deployment, uniqueKey } from '../../../../proving/world/bundle/deployment.ts';
import { launchChromium } from '../../../../server/test/e2e/browser/chromium.ts';
import { Network } from '../../../../server/test/e2e/browser/network.ts';
import { Children } from '../../../../start/local/children.ts';
import { startReferenceGpu } from '../../../../start/local/gpu-worker.ts';
import { type Stack, startStack } from '../../../../start/local/stack.ts';
import { buildStudio } from '../../../build/if-stale.ts';
import { Gate } from './gate.ts';
import { type Account, enter, type Visitor, type Wishes } from './visitor.ts';

export interface Room {
  /** Where the studio is served. */
  origin: string;
  browser: Browser;
  gate: Gate;
  network: Network;
  stack: Stack;
  /** A visitor with an account of the pro plan, unless `wishes` say otherwise. */
  enter(wishes?: Wishes): Promise<Visitor>;
  /** Settings of a user by the operator. */
  operate(procedure: string, input: unknown): Promise<unknown>;
  close(): Promise<void>;
}

const API_KEY = 'key-of-the-room';

/**
 * @param vars settings of the Worker that differ from those of a stack on this machine
 * @param panel folder of the built panel, where that is looked at
 */
export async function openRoom(vars: Record<string, string> = {}, panel: string | null = null): Promise<Room> {
  const children = new Children({});
  const network = new Network();
  const [studio, gpu, browser, port] = await Promise.all([
    buildStudio(),
    startReferenceGpu(children, { port: 0, apiKey: API_KEY }),
    launchChromium(),
    network.listen(),
  ]);
  const gate = await Gate.open(gpu.url);
  const origin = `http://127.0.0.1:${port}`;
  const stack = await startStack({
    gpu: { url: gate.url, apiKey: API_KEY },
    site: { studio, panel },
    vars: { CORS_ORIGINS: origin, ...vars },
  });
  network.ports = { api: stack.port, storage: stack.storagePort };
  const deployment = new Deployment(stack.baseUrl, stack.secrets.ADMIN_SECRET);
  const storage = new URL(stack.s3.endpoint).origin;
  const visitors: Visitor[] = [];
  return {
    ...{ origin, browser, gate, network, stack },
    async enter(wishes = {}) {
      const user = wishes.credits === undefined ? null : await account(deployment, wishes.credits);
      const visitor = await enter(browser, { origin, storage }, user, wishes);
      visitors.push(visitor);
      return visitor;
    },
    operate: (procedure, input) => deployment.operate(procedure, input),
    async close() {
      for (const visitor of visitors) await visitor.close();
      await browser.close();
      deployment.http.close();
      gate.close();
      network.close();
      await stack.stop();
      await children.stop();
    },
  };
}

/** An account of the pro plan with at least so many credits. */
async function account(deployment: Deployment, credits: number): Promise<Account> {
  const user = await deployment.signUp({ idempotencyKey: uniqueKey() });
  await deployment.makePro(user, credits);
  return user;
}

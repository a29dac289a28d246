/** A stack behind a network that tests can break, a site whose pages use it, and one visitor at a time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import type { ScriptedGpu } from '../../../../client-sdk/test/conformance/scripted-gpu.ts';
import { LOCAL_S3_PATH } from '../../../../start/local/config.ts';
import { type Stack, type StackOptions, startStack } from '../../../../start/local/stack.ts';
import { Network } from './network.ts';
import type { Site } from './site.ts';
import { type Visit, visit } from './visit.ts';

export type Around = { browser: Browser; site: Site; gpu: ScriptedGpu };

export class Place {
  readonly network = new Network();
  readonly #around: Around;
  readonly #vars: Record<string, string>;
  readonly #persistTo = mkdtempSync(path.join(tmpdir(), 's3-browser-'));
  #api = '';
  #stack: Stack | null = null;
  #visitor: Visit | null = null;

  private constructor(around: Around, vars: Record<string, string>) {
    this.#around = around;
    this.#vars = vars;
  }

  /** @param vars settings of the Worker that differ from production's */
  static async open(around: Around, vars: Record<string, string>): Promise<Place> {
    const place = new Place(around, vars);
    place.#api = `http://127.0.0.1:${await place.network.listen()}`;
    await place.#start({});
    return place;
  }

  /** The last lines of the stack, for what fails. */
  get tail(): string {
    return this.#stack?.tail() ?? '';
  }

  /** A new visitor, in place of the one before. @param where the page of the site that he opens */
  async visit(skew = 0, where = '/'): Promise<Visit> {
    await this.#visitor?.close();
    this.network.reset();
    const { browser, site } = this.#around;
    this.#visitor = await visit(browser, site.origin, this.#api, skew, where);
    return this.#visitor;
  }

  /** What a machine sees whose network goes away: the system says so, and every connection breaks. */
  async cut(): Promise<void> {
    await this.#visitor?.context.setOffline(true);
    this.network.cut();
  }

  async restore(): Promise<void> {
    this.network.restore();
    await this.#visitor?.context.setOffline(false);
  }

  /** SIGKILL to the whole stack. Returns how to start it again, on the same state and ports. */
  async kill(): Promise<() => Promise<void>> {
    const stack = this.#stack;
    if (stack === null) throw new Error('there is no stack');
    await stack.kill();
    return () => this.#start({ port: stack.port, storagePort: stack.storagePort });
  }

  async close(): Promise<void> {
    await this.#visitor?.close();
    await this.#stack?.stop();
    this.network.close();
    rmSync(this.#persistTo, { recursive: true, force: true });
  }

  async #start(ports: Pick<StackOptions, 'port' | 'storagePort'>): Promise<void> {
    const { site, gpu } = this.#around;
    const stack = await startStack({
      ...ports,
      persistTo: this.#persistTo,
      gpu: { url: gpu.url },
      vars: { ...this.#vars, CORS_ORIGINS: site.origin, R2_S3_ENDPOINT: this.#api + LOCAL_S3_PATH },
    });
    this.#stack = stack;
    this.network.ports = { api: stack.port, storage: stack.storagePort };
  }
}

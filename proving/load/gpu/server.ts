/**
 * The fake GPU worker: an HTTP server in the load process, so it lives on when the stack is killed. Takes both forms: `POST /run` as
 * Runpod does, and the message itself as `POST /`; `/status/{id}` and `/cancel/{id}` for both.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROVIDER_TIMEOUT_MS } from '../settings.ts';
import { dispatchFate } from './fates.ts';
import { type GpuMessage, parseMessage, parseRunpod } from './message.ts';
import { type GpuDeps, Run } from './run.ts';

export type FakeGpu = {
  url: string;
  apiKey: string;
  /** Runs that are under way. */
  active(): number;
  /** Resolves when no run is under way. */
  idle(): Promise<void>;
  close(): void;
};

export async function startFakeGpu(deps: GpuDeps): Promise<FakeGpu> {
  const apiKey = `load-${crypto.randomUUID()}`;
  const door = new Door(deps, apiKey);
  const server = createServer((request, response) => void door.answer(request, response));
  // The Worker reuses connections; one that we close at that moment would be a lost dispatch of our own making.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the fake GPU worker has no port');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${address.port}`, apiKey, active: () => door.active, idle: () => door.idle(), close };
}

class Door {
  readonly #deps: GpuDeps;
  readonly #apiKey: string;
  readonly #runs = new Map<string, Run>();
  readonly #underWay = new Set<Run>();
  /** How often each attempt of each job came. */
  readonly #deliveries = new Map<string, number>();

  constructor(deps: GpuDeps, apiKey: string) {
    this.#deps = deps;
    this.#apiKey = apiKey;
  }

  get active(): number {
    return this.#underWay.size;
  }

  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all([...this.#underWay].map((run) => run.over));
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await readText(request);
      const { status, json } = await this.#route(`${request.method} ${request.url}`, request, body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    } catch (error) {
      this.#deps.tally.problem('a dispatch does not fit the contract', error instanceof Error ? error.message : '');
      response.writeHead(400).end();
    }
  }

  async #route(line: string, request: IncomingMessage, body: string): Promise<{ status: number; json: unknown }> {
    if (request.headers.authorization !== `Bearer ${this.#apiKey}`) {
      this.#deps.tally.problem('a call to the GPU worker came without its key', line);
      return { status: 401, json: {} };
    }
    if (line === 'POST /run') return this.#dispatch(parseRunpod(body));
    if (line === 'POST /') return this.#dispatch(parseMessage(body));
    const [, verb, id] = /^(GET \/status|POST \/cancel)\/([\w-]+)$/.exec(line) ?? [];
    const run = this.#runs.get(id ?? '');
    if (run === undefined) return { status: 404, json: {} };
    if (verb === 'POST /cancel') run.cancel();
    return { status: 200, json: { id: run.id, status: run.status } };
  }

  async #dispatch(message: GpuMessage): Promise<{ status: number; json: unknown }> {
    const { dice, tally } = this.#deps;
    const ordinal = this.#deps.ordinalOf(message.job_id);
    const name = `${message.job_id}:${message.attempt}`;
    const delivery = this.#deliveries.get(name) ?? 0;
    this.#deliveries.set(name, delivery + 1);
    tally.add('dispatches');
    const accepted = () => ({ status: 200, json: { id: this.#start(message).id, status: 'IN_QUEUE' } });
    switch (dispatchFate(dice, ordinal, message.attempt, delivery)) {
      case 'take':
        return accepted();
      case 'refuse':
        tally.add('dispatchesRefused');
        return { status: dice.chance(0.5, 'how refused', name, delivery) ? 503 : 429, json: {} };
      case 'fail':
        tally.add('dispatchesFailed');
        return { status: 500, json: {} };
      case 'fail-taken':
        tally.add('dispatchesFailed');
        this.#start(message);
        return { status: 500, json: {} };
      case 'late': {
        tally.add('dispatchesLate');
        const answer = accepted();
        await sleep(PROVIDER_TIMEOUT_MS + 500);
        return answer;
      }
    }
  }

  #start(message: GpuMessage): Run {
    const run = new Run(message, this.#deps);
    this.#runs.set(run.id, run);
    this.#underWay.add(run);
    void run.over.then(() => this.#underWay.delete(run));
    return run;
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

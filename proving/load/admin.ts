/** `admin.*` as an operator calls it: plain tRPC over HTTP, checked with the schemas of the contract. */
import { type AdminJob, accountOutput, adminJobOutput, reconcileOutput } from '../../server/src/contract/admin.ts';
import { MAX_BATCH } from '../../server/src/contract/limits.ts';
import type { PlanId } from '../../server/src/contract/user.ts';
import { at } from '../world/bundle/http.ts';
import { type Call, mutationOf, queryOf } from '../world/calls.ts';
import { type Failure, insist } from './insist.ts';
import { ADMIN_SECRET } from './settings.ts';

const OPERATOR = { token: ADMIN_SECRET };
const LIMIT_MS = 10_000;

/** What is used of the contract's schemas. */
type Schema<T> = { parse(json: unknown): T };

export class Admin {
  readonly #base: string;

  constructor(baseUrl: string) {
    this.#base = baseUrl;
  }

  setPlan(userId: string, plan: PlanId) {
    return this.#mutate('admin.setPlan', { userId, plan }, accountOutput);
  }

  grantCredits(input: { userId: string; amount: number; reason: string; idempotencyKey: string }) {
    return this.#mutate('admin.grantCredits', input, accountOutput);
  }

  reconcile(input: { cursor?: string }) {
    return this.#mutate('admin.reconcile', input, reconcileOutput);
  }

  /** What operators see of these jobs, in their order; of one that was never executed nothing, once its object is gone. */
  async jobs(jobIds: string[]): Promise<AdminJob[]> {
    const found: AdminJob[] = [];
    for (let from = 0; from < jobIds.length; from += MAX_BATCH) {
      const page = jobIds.slice(from, from + MAX_BATCH);
      const input = Object.fromEntries(page.map((jobId, n) => [n, { json: { jobId } }]));
      const { path, ...call } = queryOf(page.map(() => 'admin.job').join(','), undefined, OPERATOR);
      const batch = `${path}?batch=1&input=${encodeURIComponent(JSON.stringify(input))}`;
      const answers = await this.#call({ ...call, path: batch });
      if (!Array.isArray(answers)) throw new Error(`admin.job answered ${JSON.stringify(answers).slice(0, 300)}`);
      found.push(...answers.filter((answer) => !isGone(answer)).map((answer) => dataOf(answer, adminJobOutput)));
    }
    return found;
  }

  async #mutate<T>(procedure: string, input: unknown, output: Schema<T>): Promise<T> {
    return dataOf(await this.#call(mutationOf(procedure, input, OPERATOR)), output);
  }

  /** Every procedure here may be repeated. */
  async #call({ path, ...sent }: Call): Promise<unknown> {
    let last: Failure | undefined;
    const answer = await insist(`${this.#base}${path}`, sent, LIMIT_MS, (failure) => {
      last = failure;
    });
    if (answer === null) throw new Error(`${path.slice(0, 60)} was not answered: ${last?.reason}`);
    return answer.json;
  }
}

/** Whether it is the refusal of a job that is not there. */
const isGone = (answer: unknown): boolean => JSON.stringify(answer).includes('"errorCode":"JOB_NOT_FOUND"');

function dataOf<T>(answer: unknown, output: Schema<T>): T {
  const data = at(answer, 'result', 'data', 'json');
  if (data === undefined) throw new Error(`an admin procedure answered ${JSON.stringify(answer).slice(0, 300)}`);
  return output.parse(data);
}

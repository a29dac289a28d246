/** `admin.*` as an operator calls it: plain tRPC over HTTP, checked with the schemas of the contract. */
import {
  type AdminJob,
  accountOutput,
  adminJobOutput,
  type ReconcileReport,
  reconcileOutput,
} from '../../server/src/contract/admin.ts';
import { MAX_BATCH } from '../../server/src/contract/limits.ts';
import { Deployment } from '../world/bundle/deployment.ts';
import { at, type Reply, type Sent } from '../world/bundle/http.ts';
import { queryOf } from '../world/calls.ts';
import { type Failure, insist } from './insist.ts';
import { ADMIN_SECRET } from './settings.ts';

const LIMIT_MS = 10_000;
const OUTPUTS: Record<string, { parse(json: unknown): unknown }> = {
  'admin.setPlan': accountOutput,
  'admin.grantCredits': accountOutput,
  'admin.reconcile': reconcileOutput,
};

export class Admin extends Deployment {
  constructor(baseUrl: string) {
    super(baseUrl, ADMIN_SECRET);
  }

  /** Every procedure of operators may be repeated. */
  override async send(path: string, sent: Sent = {}): Promise<Reply> {
    let last: Failure | undefined;
    const reply = await insist(`${this.url}${path}`, sent, LIMIT_MS, (failure) => {
      last = failure;
    });
    if (reply === null) throw new Error(`${path.slice(0, 60)} was not answered: ${last?.reason}`);
    return reply;
  }

  override async operate(procedure: string, input: unknown): Promise<unknown> {
    return OUTPUTS[procedure]?.parse(await super.operate(procedure, input));
  }

  async reconcile(input: { cursor?: string }): Promise<ReconcileReport> {
    return (await this.operate('admin.reconcile', input)) as ReconcileReport;
  }

  /** What operators see of these jobs, in their order; of one that was never executed nothing, once its object is gone. */
  async jobs(jobIds: string[]): Promise<AdminJob[]> {
    const found: AdminJob[] = [];
    for (let from = 0; from < jobIds.length; from += MAX_BATCH) {
      const page = jobIds.slice(from, from + MAX_BATCH);
      const input = Object.fromEntries(page.map((jobId, n) => [n, { json: { jobId } }]));
      const { path, ...call } = queryOf(page.map(() => 'admin.job').join(','), undefined, { token: ADMIN_SECRET });
      const batch = `${path}?batch=1&input=${encodeURIComponent(JSON.stringify(input))}`;
      const { json } = await this.send(batch, call);
      if (!Array.isArray(json)) throw new Error(`admin.job answered ${JSON.stringify(json).slice(0, 300)}`);
      const there = json.filter((answer) => !isGone(answer)).map((answer) => at(answer, 'result', 'data', 'json'));
      found.push(...there.map((job) => adminJobOutput.parse(job)));
    }
    return found;
  }
}

/** Whether it is the refusal of a job that is not there. */
const isGone = (answer: unknown): boolean => JSON.stringify(answer).includes('"errorCode":"JOB_NOT_FOUND"');

/**
 * The API as this package calls it: every procedure's input and output, and how it may be called. test/router/agreement.ts proves
 * that these types are those of the server's router, so neither side can change alone.
 */
import type { AnonInput, Session } from './api/auth.ts';
import type { PageInput } from './api/call.ts';
import type { CreatedJob, CreateInput, Estimate, EstimateInput, Job, JobPage, ResultFormat } from './api/jobs.ts';
import type { JobsApi } from './api/jobs-api.ts';
import type { Preset } from './api/presets.ts';
import type { Rule, RulesApi, RuleUpdateInput } from './api/rules.ts';
import type { DeletedUser, ExportPage, LedgerPage, Me } from './api/user.ts';
import type { ConceptMap, PresetId } from './concepts.ts';

/** Input and awaited output of a method that is one to one with its procedure. */
type Of<Method> = Method extends (input: infer I, ...rest: never) => Promise<infer O> ? { input: I; output: O } : never;

export type Procedures = {
  'auth.anon': { input: AnonInput | undefined; output: Session };
  'auth.renew': { input: undefined; output: Session };
  'auth.revoke': { input: { idempotencyKey?: string | undefined } | undefined; output: Session };
  'user.me': { input: undefined; output: Me };
  'user.ledger': { input: PageInput | undefined; output: LedgerPage };
  'user.export': { input: Pick<PageInput, 'cursor'> | undefined; output: ExportPage };
  'user.delete': { input: undefined; output: DeletedUser };
  'presets.list': { input: undefined; output: Preset[] };
  'presets.get': { input: { id: PresetId }; output: Preset };
  'rules.create': {
    input: {
      name: string;
      presetId: PresetId;
      concepts: ConceptMap;
      protect?: string[] | undefined;
      idempotencyKey?: string | undefined;
    };
    output: Rule;
  };
  'rules.get': Of<RulesApi['get']>;
  'rules.list': { input: undefined; output: Rule[] };
  'rules.update': { input: RuleUpdateInput; output: Rule };
  'rules.delete': Of<RulesApi['delete']>;
  'jobs.estimate': { input: EstimateInput; output: Estimate };
  'jobs.create': { input: CreateInput; output: CreatedJob };
  'jobs.renewUploads': Of<JobsApi['renewUploads']>;
  'jobs.confirmUpload': Of<JobsApi['confirmUpload']>;
  'jobs.execute': {
    input: (WireChoice | { ruleId: string }) & WireExecute;
    output: Awaited<ReturnType<JobsApi['execute']>>;
  };
  'jobs.get': { input: { jobId: string }; output: Job };
  'jobs.downloads': Of<JobsApi['downloads']>;
  'jobs.list': { input: PageInput | undefined; output: JobPage };
  'jobs.delete': Of<JobsApi['delete']>;
  'jobs.cancel': Of<JobsApi['cancel']>;
};
/** The methods type these by preset. */
type WireChoice = { concepts: ConceptMap; protect?: string[] | undefined };
type WireExecute = {
  jobId: string;
  outputTemplate?: string | undefined;
  format?: ResultFormat | undefined;
  idempotencyKey?: string | undefined;
};
export type ProcedurePath = keyof Procedures;

/** How a procedure may be called. Calling any of them twice does no more than calling it once, so a lost answer is asked for again. */
export type ProcedureKind = {
  type: 'query' | 'mutation';
  /** Given an idempotency key for each logical call: it is what makes the call safe to repeat. */
  keyed?: true;
  /** `open`: needs no user. */
  open?: true;
};

const query = { type: 'query' } as const;
const openQuery = { type: 'query', open: true } as const;
/** Sets a state or answers with one: the second call finds it done. */
const settled = { type: 'mutation' } as const;
const keyed = { type: 'mutation', keyed: true } as const;

const KINDS = {
  'auth.anon': { type: 'mutation', open: true } as const,
  'auth.renew': settled,
  'auth.revoke': keyed,
  'user.me': query,
  'user.ledger': query,
  'user.export': query,
  'user.delete': settled,
  'presets.list': openQuery,
  'presets.get': openQuery,
  'rules.create': keyed,
  'rules.get': query,
  'rules.list': query,
  'rules.update': settled,
  'rules.delete': settled,
  'jobs.estimate': query,
  'jobs.create': keyed,
  'jobs.renewUploads': settled,
  'jobs.confirmUpload': settled,
  'jobs.execute': keyed,
  'jobs.get': query,
  'jobs.downloads': settled,
  'jobs.list': query,
  'jobs.delete': settled,
  'jobs.cancel': keyed,
} satisfies { [P in ProcedurePath]: ProcedureKind };
export const PROCEDURES: { readonly [P in ProcedurePath]: ProcedureKind & (typeof KINDS)[P] } = KINDS;

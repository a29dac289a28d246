/** The public face of a job under way, and the calls that give one: `jobs.start`, `.run`, `.attach`, `.fork`. */
import type { ResultFormat } from '../api/jobs.ts';
import type { ConceptMap, PresetId } from '../concepts.ts';
import { aborted, S3Error } from '../errors.ts';
import type { JobDeps, Plan } from './deps.ts';
import { eventsOf } from './events.ts';
import { JobRun } from './job-run.ts';
import type {
  Change,
  FollowOptions,
  JobHandle,
  RunInput,
  RunOptions,
  Runs,
  RunWithConcepts,
  RunWithRule,
} from './types.ts';

export function createRuns(deps: JobDeps): Runs {
  const open = (
    plan: Pick<Plan, 'source' | 'change'>,
    options: RunOptions,
  ): { handle: JobHandle; told: Promise<void> } => {
    const run = new JobRun(deps, { ...plan, maxCredits: options.maxCredits, signal: options.signal });
    const told = tell(eventsOf(run.store), options, (error) => run.stop(error, true));
    // It is `run` that hears of it.
    told.catch(() => {});
    return { handle: handleOf(run, (again, more) => open(again, more).handle), told };
  };
  const start = <P extends PresetId>(input: RunInput<P>) => {
    const { preset, files, onInvalid } = input;
    return open({ source: { preset, files, onInvalid }, change: asked(changeOf(input)) }, input);
  };
  return {
    start: (input) => start(input).handle,
    async run(input) {
      const { handle, told } = start(input);
      try {
        await told;
      } finally {
        // An error is told once its job is canceled.
        await handle.result().catch(() => {});
      }
      return handle.result();
    },
    attach: (jobId, { files, change, ...options } = {}) =>
      open({ source: { jobId, files }, change: change ? asked(change as Change) : null }, options).handle,
    fork: (jobId, { indexes, ...change }, options = {}) => {
      const from = { jobId, ...(indexes !== undefined && { indexes: [...indexes] }) };
      return open({ source: { from, names: [], fileIndexes: [] }, change: asked(change as Change) }, options).handle;
    },
  };
}

function handleOf(
  run: JobRun,
  open: (plan: Pick<Plan, 'source' | 'change'>, options: RunOptions) => JobHandle,
): JobHandle {
  const { store, pausing } = run;
  return {
    get id() {
      return store.state.jobId;
    },
    get state() {
      return store.state;
    },
    subscribe: (listener) => store.subscribe(listener),
    result: () => run.ended,
    cancel: () => run.cancel(),
    pause() {
      pausing.pause();
      store.update({ paused: true });
    },
    resume(files) {
      pausing.resume();
      store.update({ paused: false });
      if (files !== undefined) run.bring(files);
    },
    detach: () => run.stop(aborted(), false),
    retryFailed(change = run.change ?? undefined, options = {}) {
      const { result } = store.state;
      const failed = result?.items.filter(({ status }) => status === 'failed') ?? [];
      if (result === null || failed.length === 0 || change === undefined) throw notNow(store.state.status, change);
      const from = { jobId: result.jobId, indexes: failed.map(({ idx }) => idx) };
      const names = failed.map(({ name }) => name);
      const fileIndexes = failed.map(({ fileIndex }) => fileIndex);
      return open({ source: { from, names, fileIndexes }, change: asked(change, result.format) }, options);
    },
    [Symbol.asyncIterator]: () => eventsOf(store),
  };
}

/** Calls the callbacks of a run. What they throw ends it, and it is what the run then rejects with. */
async function tell(
  events: ReturnType<typeof eventsOf>,
  { onProgress, onItem, onRefused }: FollowOptions,
  stop: (error: unknown) => void,
): Promise<void> {
  try {
    for await (const event of events) {
      if (event.type === 'progress') onProgress?.(event);
      else if (event.type === 'item') onItem?.(event.item);
      else if (event.type === 'refused') onRefused?.(event.file);
    }
  } catch (error) {
    stop(error);
    throw error;
  }
}

/** With its format: what is shown in an app and sent to customers is none the better for being a PNG. */
const asked = (change: Change, otherwise: ResultFormat | null = null): Change => ({
  ...change,
  format: change.format ?? otherwise ?? 'jpeg',
});

function changeOf<P extends PresetId>(input: RunInput<P>): Change {
  const rest = {
    ...(input.outputTemplate && { outputTemplate: input.outputTemplate }),
    ...(input.format && { format: input.format }),
  };
  if (typeof input.ruleId === 'string') return { ruleId: input.ruleId, ...rest };
  const { concepts, rule, protect = rule?.protect } = input as RunWithConcepts<P> & RunWithRule<P>;
  // The server checks every name and value, those of a file as well.
  const map = (rule?.concepts ?? concepts) as ConceptMap;
  return { concepts: map, ...(protect && { protect: [...protect] }), ...rest };
}

const notNow = (status: string | null, change: Change | undefined): S3Error =>
  new S3Error({
    code: 'INVALID_TRANSITION',
    message:
      change === undefined
        ? 'retryFailed: this client does not know what the job does; say it with `change`'
        : 'retryFailed: the job has not ended with failed photos',
    data: { status: status ?? 'created', action: 'retryFailed' },
    attempts: 0,
  });

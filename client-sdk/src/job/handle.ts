/** The public face of a job under way, and the calls that give one: `jobs.start`, `.run`, `.attach`, `.fork`. */
import { aborted } from '../errors.ts';
import type { ConceptMap, PresetId, ResultFormat } from '../generated/types.ts';
import { filesIn } from '../upload/photo-file.ts';
import type { From, JobDeps, Plan } from './deps.ts';
import { eventsOf } from './events.ts';
import { JobRun } from './job-run.ts';
import { leftJobs } from './left.ts';
import { notKnown, notNow } from './not-now.ts';
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
  /** What is under way, by all that it was asked for. */
  const live = new Map<unknown, { run: JobRun; handle: JobHandle }>();
  const open = (plan: Plan, options: RunOptions, key: unknown = textOf(plan)) => {
    let one = live.get(key);
    if (!one?.run.open) {
      const run = new JobRun(deps, plan);
      const made = { run, handle: handleOf(run, again) };
      const over = () => live.get(key) === made && live.delete(key);
      run.ended.then(over, over);
      live.set(key, made);
      one = made;
    }
    return { ...one, told: follow(one.run, options) };
  };
  const again = (from: From, change: Change, options: RunOptions) =>
    open(planOf(from, change, options), options).handle;
  const start = <P extends PresetId>(input: RunInput<P>) => {
    const { preset, files, onInvalid } = input;
    return open(planOf({ preset, files: filesIn(files), onInvalid }, changeOf(input), input), input);
  };
  const runs: Runs = {
    start(input) {
      const { run, handle } = start(input);
      run.handed = true;
      return handle;
    },
    async run(input) {
      const { handle, told } = start(input);
      // An error is told once its job is canceled.
      await Promise.allSettled([told, handle.result()]);
      await told;
      return handle.result();
    },
    attach(jobId, { files, change, ...options } = {}) {
      const own = [...live.values()].find(({ run }) => run.brings && run.store.state.jobId === jobId);
      if (own && !files && !change && !options.signal) {
        follow(own.run, options);
        return handleOf(own.run, again);
      }
      const source = { jobId, files: files && filesIn(files) };
      const plan = { source, change: change ? asked(change as Change) : null, signal: options.signal };
      return open(plan, options, plan).handle;
    },
    fork(jobId, { indexes, ...change }, options = {}) {
      const from = { jobId, ...(indexes !== undefined && { indexes: [...indexes] }) };
      return again({ from, photos: [] }, change as Change, options);
    },
    unfinished: async (options) =>
      (await leftJobs(deps, options)).map(
        ({ job: { jobId, status, preset, createdAt, deadline }, saved: { names } }) => ({
          ...{ jobId, status, preset, createdAt, deadline, names },
          resume: (files) => runs.attach(jobId, { files }),
          async cancel() {
            const answer = await deps.call('jobs.cancel', { jobId });
            await deps.saved.forget(jobId);
            return answer;
          },
        }),
      ),
  };
  return runs;
}

/** Everything that was given is copied: an input's `FileList` is empty as soon as the input is, and what an app shows changes. */
function planOf(source: Plan['source'], change: Change, { maxCredits, idempotencyKey, signal }: RunOptions): Plan {
  return { source, change: asked(change), maxCredits, idempotencyKey, signal };
}

const numbers = new WeakMap<object, number>();
let last = 0;
/** The same for two calls that ask for one run, as two clicks on one button do: files, bytes and signals count as the very same things. */
const textOf = (plan: Plan): string =>
  JSON.stringify(plan, (_, value) => {
    if (Object(value) !== value || Array.isArray(value) || value.constructor === Object) return value;
    if (!numbers.has(value)) numbers.set(value, ++last);
    return numbers.get(value);
  });

/** Tells the callbacks what happens. */
function follow(run: JobRun, options: FollowOptions): Promise<void> {
  const told = tell(run, options);
  // It is `run` that hears of it.
  told.catch(() => {});
  return told;
}

/** Each handle holds the run: it is left when nobody does. */
function handleOf(run: JobRun, again: (from: From, change: Change, options: RunOptions) => JobHandle): JobHandle {
  const { store, pausing } = run;
  let held = true;
  run.holders += 1;
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
    detach() {
      if (held) run.holders -= 1;
      held = false;
      if (run.holders === 0) run.stop(aborted(), false);
    },
    retryFailed(change = run.change ?? undefined, options = {}) {
      const { result } = store.state;
      const failed = result?.items.filter(({ status }) => status === 'failed');
      if (change === undefined) throw notKnown('retryFailed', store.state);
      if (!result || !failed?.length)
        throw notNow('retryFailed', store.state, 'the job has not ended with failed photos');
      const from = { jobId: result.jobId, indexes: failed.map(({ idx }) => idx) };
      const photos = failed.map(({ name, fileIndex }, index) => ({ index, name, fileIndex, bytes: 0 }));
      return again({ from, photos }, asked(change, result.format), options);
    },
    [Symbol.asyncIterator]: () => eventsOf(store),
  };
}

/** Calls the callbacks of a run. What they throw ends it, and it is what the run then rejects with. */
async function tell(run: JobRun, { onProgress, onItem, onRefused, onWaiting }: FollowOptions): Promise<void> {
  try {
    for await (const event of eventsOf(run.store)) {
      if (event.type === 'progress') onProgress?.(event);
      if (event.type === 'item') onItem?.(event.item);
      if (event.type === 'refused') onRefused?.(event.file);
      if (event.type === 'waiting') onWaiting?.(event);
    }
  } catch (error) {
    run.stop(error, true);
    throw error;
  }
}

/** A copy without what is undefined, and with its format: what is shown in an app and sent to customers is none the better for being a PNG. */
const asked = (change: Change, otherwise: ResultFormat | null = null): Change => ({
  ...(JSON.parse(JSON.stringify(change)) as Change),
  format: change.format ?? otherwise ?? 'jpeg',
});

function changeOf<P extends PresetId>(input: RunInput<P>): Change {
  const rest = { outputTemplate: input.outputTemplate || undefined, format: input.format, masks: input.masks };
  if (typeof input.ruleId === 'string') return { ruleId: input.ruleId, ...rest };
  const { concepts, rule, protect = rule?.protect } = input as RunWithConcepts<P> & RunWithRule<P>;
  // The server checks every name and value, those of a file as well.
  const map = (rule?.concepts ?? concepts) as ConceptMap;
  return { concepts: map, protect: protect && [...protect], ...rest };
}

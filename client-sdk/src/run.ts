/** `jobs.run`: look at the files, create, upload, confirm, execute, follow to the end. */
import { abortable, linkedController, throwIfAborted } from './abort.ts';
import type { CreatedJob, ExecuteInput, Job, Upload } from './api/jobs.ts';
import type { Clock } from './clock.ts';
import type { ConceptMap, PresetId } from './concepts.ts';
import { isS3Error, withJob } from './errors.ts';
import { type PreparedPhoto, preparePhotos } from './files.ts';
import { untilEnded } from './poll.ts';
import { RunReporter } from './run-reporter.ts';
import type { RunInput, RunResult, RunWithConcepts, RunWithRule } from './run-types.ts';
import type { Call } from './transport.ts';
import { uploadPhotos } from './upload.ts';
import type { Fetch } from './wire.ts';

/** Times that photos which `confirmUpload` misses are sent again. */
const MAX_REUPLOADS = 2;
/** Milliseconds that undoing a run may take. */
const UNDO_MS = 5_000;

export interface RunDeps {
  call: Call;
  fetch: Fetch;
  clock: Clock;
}

/** A `run` whose calls wait for the canceling of earlier ones, which would otherwise still hold the plan's slot. */
export function createRun(deps: RunDeps): <P extends PresetId>(input: RunInput<P>) => Promise<RunResult> {
  const undoing = new Set<Promise<void>>();

  return async (input) => {
    const { signal } = input;
    throwIfAborted(signal);
    const photos = await abortable(preparePhotos(input.files), signal);
    await abortable(Promise.all(undoing), signal);

    // Not given the caller's signal: once sent it may make a job, whose id is needed to cancel it.
    const undo = new AbortController();
    const creating = deps.call('jobs.create', announce(input.preset, photos), { signal: undo.signal });
    const progress = { executed: false };
    try {
      return await follow(input, photos, creating, deps, progress);
    } catch (error) {
      const aborted = isS3Error(error, 'ABORTED');
      if (aborted || !progress.executed) {
        const undone = cancel(creating, deps.call, undo).finally(() => undoing.delete(undone));
        undoing.add(undone);
        if (!aborted) await undone;
      }
      throw error;
    }
  };
}

const announce = (preset: PresetId, photos: readonly PreparedPhoto[]) => ({
  preset,
  photos: photos.map(({ contentType, bytes }) => ({ contentType, bytes })),
});

async function follow<P extends PresetId>(
  input: RunInput<P>,
  photos: PreparedPhoto[],
  creating: Promise<CreatedJob>,
  deps: RunDeps,
  progress: { executed: boolean },
): Promise<RunResult> {
  const { signal } = input;
  const { call, clock } = deps;
  const created = await abortable(creating, signal);
  const { jobId } = created;
  try {
    const report = new RunReporter(created, photos, input.onProgress, input.onItem);
    await upload(created, photos, report, deps, signal);
    await call('jobs.execute', whatToDo(input, jobId), { signal });
    progress.executed = true;
    const ended = await untilEnded({
      get: () => call('jobs.get', { jobId }, { signal, retry: false }),
      clock,
      onAnswer: (job) => report.answered(job),
      signal,
    });
    return resultOf(ended, report);
  } catch (error) {
    throw withJob(error, jobId);
  }
}

/** Uploads until `confirmUpload` finds everything. What it misses is sent again, a few times. */
async function upload(
  { jobId, uploads }: CreatedJob,
  photos: readonly PreparedPhoto[],
  report: RunReporter,
  { call, fetch, clock }: RunDeps,
  signal: AbortSignal | undefined,
): Promise<void> {
  const renew = async (indexes: number[], until: AbortSignal | undefined): Promise<Upload[]> =>
    (await call('jobs.renewUploads', { jobId, indexes }, { signal: until })).uploads;
  const deps = { fetch, clock, renew, onUploaded: (photo: PreparedPhoto) => report.uploaded(photo) };

  let open = uploads;
  for (let again = 0; ; again++) {
    await uploadPhotos(photos, open, deps, signal);
    try {
      await call('jobs.confirmUpload', { jobId }, { signal });
      return;
    } catch (error) {
      if (!isS3Error(error, 'UPLOAD_INCOMPLETE') || again >= MAX_REUPLOADS) throw error;
      const { missing, wrong } = error.details;
      open = await renew([...missing, ...wrong.map(({ idx }) => idx)], signal);
    }
  }
}

function whatToDo<P extends PresetId>(input: RunInput<P>, jobId: string): ExecuteInput {
  const base = { jobId, ...(input.outputTemplate && { outputTemplate: input.outputTemplate }) };
  if (typeof input.ruleId === 'string') return { ...base, ruleId: input.ruleId };
  const { concepts, rule, protect = rule?.protect } = input as RunWithConcepts<P> & RunWithRule<P>;
  // The server checks every name and value, those of a file as well.
  const map = (rule?.concepts ?? concepts) as ConceptMap;
  return { ...base, concepts: map, ...(protect && { protect: [...protect] }) };
}

function resultOf(job: Job & { status: 'done' | 'failed' | 'canceled' }, report: RunReporter): RunResult {
  const { jobId, status, charged, keptUntil, error } = job;
  const refunded = charged === null ? null : job.progress.total - charged;
  return { jobId, status, items: report.items(job), charged, refunded, keptUntil, error };
}

/** Cancels the job if it was made. Takes 5 s at most and never fails: what it can't reach, the job's own deadline ends. */
async function cancel(creating: Promise<CreatedJob>, call: Call, undo: AbortController): Promise<void> {
  const { controller, release } = linkedController(undefined, UNDO_MS);
  controller.signal.addEventListener('abort', () => undo.abort(), { once: true });
  try {
    const { jobId } = await creating;
    await call('jobs.cancel', { jobId }, { signal: controller.signal });
  } catch {
    // Nothing was made, it ended meanwhile, or the server is out of reach.
  } finally {
    release();
  }
}

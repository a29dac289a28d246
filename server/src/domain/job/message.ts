/** The message that puts a run into the queue. No URL and no secret is in it. */
import { outputTypeOf, type QueueMessage } from '../../contract/gpu-message.ts';
import { indexesOf } from '../bitmap.ts';
import { inputKey, outputKey, previewKey } from '../keys.ts';
import { formatOf } from '../presets.ts';
import { openOf } from './runs.ts';
import { inputIndex, inputOwner, type JobState, type Run, wantsMasks } from './state.ts';

export function queueMessageOf(job: JobState, run: Run, batchConcurrency: number): QueueMessage {
  if (job.choice === null) throw new Error('a job without a choice has nothing to dispatch');
  const owner = inputOwner(job);
  return {
    job_id: job.jobId,
    user_id: job.userId,
    attempt: run.attempt,
    preset: job.preset,
    concepts: job.choice.concepts,
    protect: job.choice.protect,
    output_type: outputTypeOf(formatOf(job.choice)),
    masks: wantsMasks(job),
    items: indexesOf(openOf(job, run)).map((idx) => ({
      idx,
      input_key: inputKey(owner, inputIndex(job, idx)),
      output_key: outputKey(job, idx),
      preview_key: previewKey(job, idx),
    })),
    callback_url: `${job.callbackBase}/jobs/${job.jobId}/callback?attempt=${run.attempt}`,
    idempotency_prefix: `${job.jobId}:${run.attempt}`,
    batch_concurrency: batchConcurrency,
    deadline: job.deadline,
  };
}

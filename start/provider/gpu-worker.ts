/** What stands behind the provider front: one GPU worker, which does one run at a time. */

export type GpuWorker = {
  /** Resolves when it can work. It is asked again after it was stopped, or has died. */
  start(): Promise<void>;
  /**
   * Does one run. @param input what stood under `input` in the request @param signal aborted when the run was canceled, or its time is up:
   * then nothing more is to be done for it
   * @returns the run's output; rejects with the reason why it failed, with {@link WorkerDied} when the worker is gone as well
   */
  work(input: unknown, signal: AbortSignal): Promise<unknown>;
  /** Resolves when it is gone. Called only while it does nothing. */
  stop(): Promise<void>;
};

/** The worker itself has ended, in the middle of a run or before it. */
export class WorkerDied extends Error {}

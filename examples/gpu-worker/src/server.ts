// The worker as a whole: HTTP server, job queue, thread pool. Started by the command, and in-process by tests and scripts.

import { createServer, type Server } from 'node:http';
import { answer, answerProblem, Problem } from './http/exchange.ts';
import { handle } from './http/routes.ts';
import { JobQueue } from './jobs/queue.ts';
import { runJob } from './jobs/run-job.ts';
import { type Log, logToStdout } from './log.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './net/retry.ts';
import { ThreadPool } from './photo/pool.ts';
import { readSettings, type Settings } from './settings.ts';

export interface WorkerOptions extends Partial<Settings> {
  readonly log?: Log;
  /** overrides single figures of the retry policy; tests shorten the waits */
  readonly retry?: Partial<RetryPolicy>;
}

export interface RunningWorker {
  readonly port: number;
  /** Cancels what runs, sends nothing more, and frees the port. */
  close(): Promise<void>;
}

const KEEP_ENDED_MS = 30 * 60_000;

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function serve(queue: JobQueue, apiKey: string | undefined, log: Log): Server {
  return createServer(async (request, response) => {
    try {
      answer(response, 200, await handle(request, { queue, apiKey }));
    } catch (error) {
      if (error instanceof Problem) return answerProblem(response, error);
      log('request-broke', { problem: String(error) });
      answerProblem(response, new Problem(500, 'INTERNAL_ERROR', 'something went wrong'));
    }
  });
}

/** Options left out have the defaults of README.md, except `port`: 0, any free one. The environment is not read. */
export async function startWorker(options: WorkerOptions = {}): Promise<RunningWorker> {
  const { log = logToStdout, retry: retryChanges, ...given } = options;
  const settings: Settings = { ...readSettings({}), port: 0, ...given };
  const retry = { ...DEFAULT_RETRY, ...retryChanges };
  const pool = new ThreadPool(settings.threads);
  const deps = { pool, retry, log, callbackBatch: settings.callbackBatch };
  const queue = new JobQueue({
    concurrency: settings.concurrency,
    keepMs: KEEP_ENDED_MS,
    log,
    run: (message, signal) => runJob(message, deps, signal),
  });
  const server = serve(queue, settings.apiKey, log);
  const port = await listen(server, settings.port, settings.host);
  return {
    port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await queue.close();
      await pool.close();
      await closed;
    },
  };
}

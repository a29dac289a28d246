// The command: starts the worker from the environment, says where it listens, stops on SIGTERM and SIGINT.

import { logToStdout } from './log.ts';
import { startWorker } from './server.ts';
import { readSettings } from './settings.ts';

const worker = await startWorker(readSettings(process.env));
process.stdout.write(`${JSON.stringify({ event: 'listening', port: worker.port })}\n`);

let stopping = false;
async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  logToStdout('stopping', { signal });
  await worker.close();
}

process.on('SIGTERM', () => void stop('SIGTERM'));
process.on('SIGINT', () => void stop('SIGINT'));

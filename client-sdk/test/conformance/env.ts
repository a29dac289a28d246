/**
 * What a conformance case is given: a server at `baseUrl`, how to reach it, and a hand on the GPU worker and the operator's desk.
 * The cases know nothing else, so that one suite runs against the real stack and the test double, in every runtime. No test
 * framework and no `node:` module is imported by them.
 */
import type { ClientOptions, S3Client, SocketConstructor } from '../../src/index.ts';

export interface Env {
  baseUrl: string;
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Null in a runtime without WebSockets: cases that need one are left out. */
  WebSocket: SocketConstructor | null;
  /** Of the package under test: its sources, or what was built and packed. */
  createClient(options: ClientOptions): S3Client;
  control: Control;
}

export type Outcome = 'accepted' | 'duplicate' | 'ignored';

/** The GPU worker and the operator, as a case directs them. A GPU worker that nobody directs takes jobs and does nothing. */
export interface Control {
  /** Resolves once the GPU worker was sent this attempt of the job, with the indexes that it is to do. */
  dispatched(jobId: string, attempt?: number): Promise<{ indexes: number[] }>;
  /** The GPU worker stores a result and a preview, and reports the photo done. */
  done(jobId: string, idx: number): Promise<Outcome>;
  /** The GPU worker reports the photo failed. */
  fail(jobId: string, idx: number, reason: string): Promise<Outcome>;
  /** The operator moves a user to `pro`, which brings 200 credits. */
  upgrade(userId: string): Promise<void>;
}

/** One sentence about the server's behaviour, and what shows it. */
export interface Case {
  name: string;
  /** Left out where `env.WebSocket` is null. */
  needsWebSocket?: true;
  /** Rejects when the sentence is not true. */
  run(env: Env): Promise<void>;
}

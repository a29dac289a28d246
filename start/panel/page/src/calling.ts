/** Calls by the published client, and by plain HTTP for operators, whose procedures it does not have. */
import { createClient, isS3Error, type Session, webStorage } from '@s3-workers/client-sdk';
import { s3Link } from '@s3-workers/client-sdk/trpc';
import { createTRPCUntypedClient } from '@trpc/client';
import housePhoto from '../../../../examples/photos/interior/house.jpg?url';
import type { Described } from './described.ts';
import { requestOf } from './shown.ts';

const { origin } = location;
/** The same session as the studio's in this browser. */
const client = createClient({ baseUrl: origin, storage: webStorage() });
const trpc = createTRPCUntypedClient({ links: [s3Link(client)] });

export interface Failure {
  code: string;
  message: string;
  status: number | null;
  requestId: string | null;
  data: unknown;
}
export type Outcome = { answer: unknown } | { failure: Failure };

/** @param secret of the operator; for `admin.*` alone */
export async function run({ path, type, access }: Described, input: unknown, secret: string): Promise<Outcome> {
  try {
    if (access === 'operator') return await operate(path, type, input, secret);
    return { answer: await (type === 'query' ? trpc.query(path, input) : trpc.mutation(path, input)) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

async function operate(path: string, type: Described['type'], input: unknown, secret: string): Promise<Outcome> {
  const [url, body] = requestOf(path, type, input, origin);
  const authorization = `Bearer ${secret}`;
  const how = body === null ? {} : { method: 'POST', body };
  const response = await fetch(url, { ...how, headers: { authorization, 'content-type': 'application/json' } });
  const { result, error } = (await response.json()) as {
    result?: { data: { json: unknown } };
    error?: { json: { message: string; data: { errorCode: string; details: unknown; requestId: string } } };
  };
  if (error === undefined) return { answer: result?.data.json };
  const { message, data } = error.json;
  return {
    failure: { code: data.errorCode, message, status: response.status, requestId: data.requestId, data: data.details },
  };
}

export function failureOf(error: unknown): Failure {
  const cause = error instanceof Error && isS3Error(error.cause) ? error.cause : error;
  if (isS3Error(cause)) {
    const { code, message, status, requestId, data } = cause;
    return { code, message, status, requestId, data };
  }
  return { code: 'ERROR', message: String(error), status: null, requestId: null, data: null };
}

export interface Watcher {
  opened(): void;
  event(id: string, data: unknown): void;
  ended(failure: Failure | null): void;
}

/** Plays a job's events; returns how to leave. */
export function watch(path: string, input: unknown, watcher: Watcher): () => void {
  const { unsubscribe } = trpc.subscription(path, input, {
    onStarted: () => watcher.opened(),
    onData: (told) => {
      const { id, data } = told as { id: string; data: unknown };
      watcher.event(id, data);
    },
    onError: (error) => watcher.ended(failureOf(error)),
    onComplete: () => watcher.ended(null),
  });
  return unsubscribe;
}

export const signIn = (): Promise<Session> => client.auth.anon();
export const signOut = (): Promise<void> => client.auth.forget();
/** Whether this browser keeps a session: asking the client for it would make one. */
export function isSignedIn(): boolean {
  try {
    return /"session"/.test(localStorage.getItem(`s3-workers:${origin}`) ?? '');
  } catch {
    return false;
  }
}

/** What is uploaded for a created job. */
export const samplePhoto = async (): Promise<Blob> => (await fetch(housePhoto)).blob();

/** Puts the sample where a created job wants its photos. @returns HTTP status of each */
export async function uploadSample(answer: unknown, photo: Blob): Promise<number[]> {
  const { uploads } = answer as { uploads: { url: string; headers: Record<string, string> }[] };
  return Promise.all(
    uploads.map(async ({ url, headers }) => (await fetch(url, { method: 'PUT', headers, body: photo })).status),
  );
}

/**
 * The text frames of tRPC's WebSocket format, as `wsLink` of @trpc/client 11 sends and reads them. The router cannot be used for
 * it: objects stand below it, and its adapter would hold each subscription in memory, which a hibernating object has none of.
 *
 * @see https://trpc.io/docs/server/websockets#websockets-rpc-specification
 */
import { parseTRPCMessage, TRPC_ERROR_CODES_BY_KEY, type TRPCClientOutgoingMessage } from '@trpc/server/rpc';
import superjson from 'superjson';
import { ERROR_CODES, type Refusal } from '../contract/errors.ts';
import { MAX_WATCH_FRAME } from '../contract/watch.ts';
import type { Tracked } from '../domain/job/watch.ts';
import { readInput } from './input.ts';

/** The path of the one procedure that is served. */
export const WATCH_PATH = 'jobs.watch';

/** What a client calls its subscription. */
export type FrameId = number | string;
/** An id is kept with the socket, where there is little room. */
const MAX_ID = 64;
/** A client that reconnects sends all its subscriptions in one frame. */
const MAX_MESSAGES = 10;

export type Message =
  | { kind: 'subscribe'; id: FrameId; path: string; input: unknown }
  | { kind: 'stop'; id: FrameId }
  /** A query or mutation: none is served here. */
  | { kind: 'call'; id: FrameId; path: string };

export type Read = { kind: 'messages'; messages: Message[] } | { kind: 'malformed' } | { kind: 'too large' };

/** Signs of life carry nothing; connection parameters neither, since the ticket has said all. */
export function readFrame(frame: string | ArrayBuffer): Read {
  if (sizeOf(frame) > MAX_WATCH_FRAME) return { kind: 'too large' };
  if (frame === 'PING' || frame === 'PONG') return { kind: 'messages', messages: [] };
  try {
    if (typeof frame !== 'string') return { kind: 'malformed' };
    const json: unknown = JSON.parse(frame);
    const list = Array.isArray(json) ? json : [json];
    if (list.length > MAX_MESSAGES) return { kind: 'malformed' };
    return { kind: 'messages', messages: list.filter((one) => !isConnectionParams(one)).map(readMessage) };
  } catch {
    return { kind: 'malformed' };
  }
}

function sizeOf(frame: string | ArrayBuffer): number {
  if (typeof frame !== 'string') return frame.byteLength;
  // A text has at least as many bytes as characters: a huge one need not be encoded to know.
  return frame.length > MAX_WATCH_FRAME ? frame.length : new TextEncoder().encode(frame).length;
}

const isConnectionParams = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'method' in json && json.method === 'connectionParams';

const transformer = { input: { serialize: superjson.serialize, deserialize: inputOf }, output: superjson };

function inputOf(payload: unknown): unknown {
  const input = readInput(payload);
  if (!input.ok) throw new Error(input.refusal.message);
  return input.value;
}

/** Throws on anything that is no message. */
function readMessage(json: unknown): Message {
  const message: TRPCClientOutgoingMessage = parseTRPCMessage(json, transformer);
  const { id } = message;
  if (id === null || id === undefined || String(id).length > MAX_ID) throw new Error('no usable id');
  if (message.method === 'subscription.stop') return { kind: 'stop', id };
  const { path, input, lastEventId } = message.params;
  if (message.method !== 'subscription') return { kind: 'call', id, path };
  const resumed = lastEventId === undefined ? input : { ...(input as object), lastEventId };
  return { kind: 'subscribe', id, path, input: resumed };
}

export const startedFrame = (id: FrameId): string => JSON.stringify({ id, result: { type: 'started' } });
export const stoppedFrame = (id: FrameId): string => JSON.stringify({ id, result: { type: 'stopped' } });

/** What the procedure would have yielded with `tracked(event.id, event.event)`. */
export function dataFrame(id: FrameId, { id: eventId, event }: Tracked): string {
  const data = superjson.serialize({ id: eventId, data: event });
  return JSON.stringify({ id, result: { type: 'data', id: eventId, data } });
}

/** The same error as the router gives it (rpc/init.ts). Under the id null, a client waits longer before it connects again. */
export function errorFrame(id: FrameId | null, { code, message, details }: Refusal, requestId: string): string {
  const { status: httpStatus, trpc } = ERROR_CODES[code];
  const data = { code: trpc, httpStatus, path: WATCH_PATH, errorCode: code, details, requestId };
  const error = superjson.serialize({ message, code: TRPC_ERROR_CODES_BY_KEY[trpc], data });
  return JSON.stringify({ id, error });
}

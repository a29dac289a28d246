/**
 * The text frames of tRPC's WebSocket format, as `wsLink` of @trpc/client 11 sends and reads them. The router cannot be used for
 * it: objects stand below it, and its adapter would hold each subscription in memory, which a hibernating object has none of.
 *
 * @see https://trpc.io/docs/server/websockets#websockets-rpc-specification
 */
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import superjson from 'superjson';
import { ERROR_CODES, type Refusal } from '../contract/errors.ts';
import { cutText } from '../contract/text.ts';
import { MAX_WATCH_FRAME } from '../contract/watch.ts';
import type { Tracked } from '../domain/job/telling.ts';
import { invalid, type Refused, refuse } from '../domain/result.ts';
import { noInput, readInput } from './input.ts';

/** The path of the one procedure that is served. */
export const WATCH_PATH = 'jobs.watch';

/** What a client calls its subscription. */
export type FrameId = number | string;
/** Whom a frame is for. Clients of JSON-RPC say which version they speak, and are answered in it. */
export type Addressee = { id: FrameId; jsonrpc?: '2.0' };
/** An id is kept with the socket, where there is little room. */
const MAX_ID = 64;
/** Characters of a path that an error repeats. */
const MAX_PATH = 128;
/** A client that reconnects sends all its subscriptions in one frame. */
const MAX_MESSAGES = 10;

export type Message = { to: Addressee } & (
  | { kind: 'subscribe'; input: unknown }
  | { kind: 'stop' }
  /** What is refused whatever the job is. `path`: as the client named it. */
  | { kind: 'wrong'; path: string; refusal: Refusal }
);

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

const METHODS: readonly unknown[] = ['query', 'mutation', 'subscription'];

/** Reads by itself, as tRPC's own reader names nothing that is wrong, and gives up the whole frame for it. Throws on what has no usable id. */
function readMessage(json: unknown): Message {
  const { id, jsonrpc, method, params } = fieldsOf(json);
  const isId = typeof id === 'string' || (typeof id === 'number' && !Number.isNaN(id));
  if (!isId || String(id).length > MAX_ID) throw new Error('no usable id');
  const to: Addressee = jsonrpc === '2.0' ? { id, jsonrpc } : { id };
  const wrong = ({ refusal }: Refused, path = ''): Message => ({ kind: 'wrong', to, path, refusal });
  if (jsonrpc != null && jsonrpc !== '2.0') return wrong(invalid('jsonrpc', 'is "2.0" where it stands'));
  if (method === 'subscription.stop') return { kind: 'stop', to };
  if (!METHODS.includes(method)) return wrong(invalid('method', 'is subscription, or subscription.stop'));
  if (typeof params !== 'object' || params === null) return wrong(invalid('params', 'is missing'));
  const { path, input, lastEventId } = fieldsOf(params);
  if (typeof path !== 'string') return wrong(invalid('params.path', 'is the path of a procedure'));
  const named = cutText(path, MAX_PATH);
  if (path !== WATCH_PATH) return wrong(nothingAt(named), named);
  if (method !== 'subscription') return wrong(refuse('NOT_FOUND', `${WATCH_PATH} is a subscription`, null), named);
  if (lastEventId != null && typeof lastEventId !== 'string') {
    return wrong(invalid('params.lastEventId', 'is the id of an event'), named);
  }
  const read = readInput(input ?? {});
  if (!read.ok) return wrong(read, named);
  if (read.value === undefined) return wrong(noInput(), named);
  const resumed = lastEventId == null ? read.value : { ...(read.value as object), lastEventId };
  return { kind: 'subscribe', to, input: resumed };
}

const nothingAt = (path: string): Refused =>
  refuse('NOT_FOUND', `No procedure found on path "${path}": only the subscription ${WATCH_PATH} is served here`, null);

function fieldsOf(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('no object');
  return json as Record<string, unknown>;
}

export const startedFrame = (to: Addressee): string => frame(to, { result: { type: 'started' } });
export const stoppedFrame = (to: Addressee): string => frame(to, { result: { type: 'stopped' } });

/** What the procedure would have yielded with `tracked(event.id, event.event)`. */
export function dataFrame(to: Addressee, { id: eventId, event }: Tracked): string {
  const data = superjson.serialize({ id: eventId, data: event });
  return frame(to, { result: { type: 'data', id: eventId, data } });
}

const frame = ({ id, jsonrpc }: Addressee | { id: null; jsonrpc?: never }, content: object): string =>
  JSON.stringify({ id, ...(jsonrpc === undefined ? {} : { jsonrpc }), ...content });

/**
 * The same error as the router gives it (rpc/init.ts). To nobody by name, a client waits longer before it connects again.
 * @param path of the procedure that was asked for
 */
export function errorFrame(
  to: Addressee | null,
  { code, message, details }: Refusal,
  requestId: string,
  path: string = WATCH_PATH,
): string {
  const { status: httpStatus, trpc } = ERROR_CODES[code];
  const data = { code: trpc, httpStatus, path, errorCode: code, details, requestId };
  const error = superjson.serialize({ message, code: TRPC_ERROR_CODES_BY_KEY[trpc], data });
  return frame(to ?? { id: null }, { error });
}

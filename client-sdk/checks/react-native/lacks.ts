/**
 * What React Native (Hermes, its own fetch, URL, Blob and AbortController) lacks and a browser has. Nothing of it may be used by the
 * client unless the code looks first whether it is there.
 */

/** Global names, and why not. */
export const GLOBALS: Record<string, string> = {
  structuredClone: 'Hermes has none',
  BroadcastChannel: 'no other tabs',
  Worker: 'no web workers',
  SharedWorker: 'no web workers',
  SharedArrayBuffer: 'not in Hermes',
  FileReaderSync: 'no web workers',
  ReadableStream: 'no streams',
  WritableStream: 'no streams',
  TransformStream: 'no streams',
  CompressionStream: 'no streams',
  TextDecoder: 'older Hermes has an encoder only',
  TextDecoderStream: 'no streams',
  EventSource: 'no server-sent events',
  DOMException: 'not defined',
  FinalizationRegistry: 'not in Hermes',
  localStorage: 'no DOM storage',
  sessionStorage: 'no DOM storage',
  indexedDB: 'no DOM storage',
  caches: 'no Cache API',
  document: 'no DOM',
  window: 'an alias without a DOM',
  location: 'no page',
  navigator: 'there without onLine and locks',
};

/** Members by the name of what they stand on. */
export const MEMBERS: Record<string, string> = {
  'AbortSignal.any': 'not in its AbortController',
  'AbortSignal.timeout': 'not in its AbortController',
  'AbortSignal.abort': 'not in its AbortController',
  'Promise.withResolvers': 'not in Hermes',
  'Promise.try': 'not in Hermes',
  'Array.fromAsync': 'not in Hermes',
  'Object.groupBy': 'not in Hermes',
  'Map.groupBy': 'not in Hermes',
  'URL.canParse': 'its URL is not the standard one',
  'URL.parse': 'its URL is not the standard one',
  'URL.createObjectURL': 'needs native set-up',
  'crypto.subtle': 'no Web Crypto',
  'crypto.randomUUID': 'only getRandomValues, by the usual polyfill',
  'navigator.locks': 'no locks',
};

/** Members by their name and the type of what they stand on. */
export const TYPED_MEMBERS: Record<string, { types: readonly string[]; why: string }> = {
  arrayBuffer: { types: ['Blob', 'File'], why: "its Blob is read by a FileReader's readAsArrayBuffer only" },
  text: { types: ['Blob', 'File'], why: 'its Blob is read by a FileReader only' },
  bytes: { types: ['Blob', 'File', 'Response'], why: 'not in its Blob or Response' },
  stream: { types: ['Blob', 'File'], why: 'no streams' },
  body: { types: ['Response', 'Request'], why: 'no streams' },
  throwIfAborted: { types: ['AbortSignal'], why: 'not in its AbortController' },
  searchParams: { types: ['URL'], why: 'its URL can read few parts' },
};

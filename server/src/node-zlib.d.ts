/** What we use of node:zlib, which the platform brings. */
declare module 'node:zlib' {
  /** Throws on what is damaged, and beyond `maxOutputLength` bytes. */
  export function gunzipSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
  export function inflateSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

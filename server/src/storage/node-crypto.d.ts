/** What we use of node:crypto, which the platform brings: the types of all of Node would put its globals beside the platform's. */
declare module 'node:crypto' {
  /** A key that is only ever handed on. */
  export interface KeyObject {
    readonly type: string;
  }
  interface Hmac {
    update(text: string | Uint8Array): Hmac;
    digest(): Uint8Array;
    digest(encoding: 'hex'): string;
  }
  export function createSecretKey(text: string, encoding: 'utf8'): KeyObject;
  export function createSecretKey(bytes: Uint8Array): KeyObject;
  export function createHmac(algorithm: 'sha256', key: KeyObject): Hmac;
  /** In hexadecimal. */
  export function hash(algorithm: 'sha256', bytes: Uint8Array): string;
}

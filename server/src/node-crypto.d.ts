/** What we use of node:crypto, which the platform brings: the types of all of Node would put its globals beside the platform's. */
declare module 'node:crypto' {
  /** A key that is only ever handed on. */
  export interface KeyObject {
    readonly type: string;
  }
  interface Hmac {
    update(text: string | Uint8Array): Hmac;
    digest(): Uint8Array;
    digest(encoding: 'hex' | 'base64' | 'base64url'): string;
  }
  export function createSecretKey(text: string, encoding: 'utf8'): KeyObject;
  export function createSecretKey(bytes: Uint8Array): KeyObject;
  export function createHmac(algorithm: 'sha256', key: KeyObject): Hmac;
  /** In hexadecimal. */
  export function hash(algorithm: 'sha256', bytes: Uint8Array): string;
  export function hash(algorithm: 'sha256', text: string, encoding: 'buffer'): Uint8Array;
  export function hkdfSync(algorithm: 'sha256', secret: string, salt: string, info: string, bytes: number): ArrayBuffer;
  /** Throws when the lengths differ. */
  export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}

/** The types that are taken, told by the first bytes of a file: names and declared types lie. */
import type { PhotoType } from '../generated/types.ts';

/** The type that a file begins like; null for none that is taken. @param head its first twelve bytes or more, a character each */
export function takenType(head: string): PhotoType | null {
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  return head.startsWith('RIFF') && head.startsWith('WEBP', 8) ? 'image/webp' : null;
}

/** Bytes as characters of the same codes, which patterns can be held against: React Native has no TextDecoder. */
export const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

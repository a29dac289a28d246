/** The types that are taken, told by the first bytes of a file: names and declared types lie. */
import type { PhotoType } from '../generated/types.ts';

/** The type that a file begins like; null for none that is taken. @param bytes its first twelve or more */
export function takenType(bytes: Uint8Array): PhotoType | null {
  const head = String.fromCharCode(...bytes);
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  return head.startsWith('RIFF') && head.startsWith('WEBP', 8) ? 'image/webp' : null;
}

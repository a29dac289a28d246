/** Page cursors: a time and an id, as opaque text. */

export function encodeCursor(at: number, id: string): string {
  return `${at.toString(36)}.${id}`;
}

/** Null when the text is no cursor of ours. */
export function decodeCursor(cursor: string): { at: number; id: string } | null {
  const match = /^([0-9a-z]{1,11})\.([\x21-\x7e]{1,244})$/.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { at: Number.parseInt(match[1], 36), id: match[2] };
}

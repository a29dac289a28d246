/** The static files of a local stack: the studio at `/`, the panel at `/panel`, and headers that name this stack's own storage. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { siteHeaders } from '../../studio/build/headers.ts';

export type SiteParts = {
  /** Folder of the built studio; null for none. */
  studio: string | null;
  /** Folder of the built panel; null for none. */
  panel: string | null;
};

/** @param storage origin of presigned URLs @returns the folder to serve; null for nothing */
export function writeSite(folder: string, { studio, panel }: SiteParts, storage: string): string | null {
  if (studio === null && panel === null) return null;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const part of [studio, panel]) if (part !== null) cpSync(part, folder, { recursive: true });
  writeFileSync(path.join(folder, '_headers'), siteHeaders(storage, panel === null ? ['/'] : ['/', '/panel']));
  return folder;
}

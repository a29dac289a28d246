/** What an app is used with. */
import type { Browser } from 'playwright-core';

export type Around = {
  baseUrl: string;
  /** The only one on which a page may ask the API. */
  port: number;
  browser: Browser;
  /** Where to keep how the pages looked; null for nowhere. */
  pictures: string | null;
};

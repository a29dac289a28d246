/** What every API method takes besides its input. */
export interface CallOptions {
  /** Ends the call at once with ABORTED. What the server has already begun is not undone. */
  signal?: AbortSignal | undefined;
}

/** Which page to read. */
export interface PageInput {
  /** `nextCursor` of the page before; left out, the newest entries. */
  cursor?: string | undefined;
  /** Entries on the page, 1 to 100; 20 when left out. */
  limit?: number | undefined;
}

export interface CallOptions {
  /** Ends the call at once with ABORTED. What the server has begun is not undone. */
  signal?: AbortSignal | undefined;
  /** In place of the client's, in milliseconds. */
  timeout?: number | undefined;
  /** In place of the client's. */
  maxRetries?: number | undefined;
}

export interface PageInput {
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Entries on the page, 1 to 100; 20 when left out. */
  limit?: number | undefined;
}

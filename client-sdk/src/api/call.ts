/** What every call of the API takes as its last argument. */
export interface CallOptions {
  /** Ends the call at once with ABORTED. What the server has begun is not undone. */
  signal?: AbortSignal | undefined;
  /** In place of the client's, in milliseconds. */
  timeout?: number | undefined;
  /** In place of the client's. */
  maxRetries?: number | undefined;
}

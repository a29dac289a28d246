/** What a run used of the platform, as it is billed. */
export type Counts = {
  workerRequests: number;
  /** RPC calls, upgrades and alarms: each is billed as a request to an object. */
  objectRequests: number;
  alarms: number;
  objectRowsRead: number;
  /** With one row for each time that an alarm is set. */
  objectRowsWritten: number;
  /** Milliseconds in which an object had something to do, by the wall clock, summed over the objects. */
  objectActiveMs: number;
  d1Queries: number;
  d1RowsRead: number;
  d1RowsWritten: number;
  /** A write, a read and a delete for each message, for each 64 KB of it. */
  queueOperations: number;
  queueMessageBytes: number;
  /** PUT and LIST of the Worker's own. */
  r2ClassA: number;
  /** GET and HEAD of the Worker's own. */
  r2ClassB: number;
};

export const NO_COUNTS: Counts = {
  workerRequests: 0,
  objectRequests: 0,
  alarms: 0,
  objectRowsRead: 0,
  objectRowsWritten: 0,
  objectActiveMs: 0,
  d1Queries: 0,
  d1RowsRead: 0,
  d1RowsWritten: 0,
  queueOperations: 0,
  queueMessageBytes: 0,
  r2ClassA: 0,
  r2ClassB: 0,
};

/** A bucket, as far as what lies in it is listed, looked at and deleted: R2 is one, and so is a map in memory. */

export type StoredObject = {
  key: string;
  /** Bytes. */
  size: number;
  httpMetadata?: { contentType?: string; contentEncoding?: string };
};

type Asked = { prefix: string; limit: number; include?: 'httpMetadata'[]; cursor?: string };
type Listed = { objects: StoredObject[]; truncated: boolean; cursor?: string };

export type ListedBucket = { list(asked: Asked): Promise<Listed> };
export type ReadBucket = ListedBucket & {
  /** The first bytes of an object. */
  get(
    key: string,
    head: { range: { offset: number; length: number } },
  ): Promise<{ arrayBuffer(): Promise<ArrayBuffer> } | null>;
};
export type EmptiedBucket = ListedBucket & { delete(keys: string[]): Promise<void> };

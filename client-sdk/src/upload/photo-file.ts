/** What the caller may hand over as a photo. */

/** The type is told by the bytes, whatever the name ends in. */
export type PhotoFile = Blob | { name: string; data: Uint8Array | Blob };

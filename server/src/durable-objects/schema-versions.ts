/**
 * The versions of each object's tables, for programs that only want to know whether they can read what was stored. The
 * lists themselves are `migrations.ts` of each object, and their test holds these numbers against them.
 */
export const SCHEMA_VERSIONS = { user: 2, job: 1 } as const;

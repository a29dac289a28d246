/** What `@s3-workers/client-sdk/sets` exports: output sets of an album, drawn picture by picture, and what was changed in words. */
export { type DescribedChange, type DescribedChanges, describeChanges } from './describe.ts';
export { planSet } from './plan.ts';
export { renderSet } from './render.ts';
export { CHANNELS, type SetTemplate, TEMPLATES } from './templates.ts';
export type * from './types.ts';

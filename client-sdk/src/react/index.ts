'use client';
/** What `@s3-workers/client-sdk/react` exports. */
export { S3Provider, useS3Client } from './context.ts';
export { createS3Options, type S3Options, type S3Router, useS3Options } from './options.ts';
export { type UsedJob, useJob } from './use-job.ts';
export { type UsedRun, type UseRunOptions, useRun } from './use-run.ts';
export { type UsedUnfinished, useUnfinished } from './use-unfinished.ts';
export { type UsedUpload, useUpload } from './use-upload.ts';
export type { UsedPhoto } from './used-photo.ts';

/** What `@s3-workers/client-sdk` exports. */
export type { AuthApi } from './api/auth.ts';
export type { CallOptions } from './api/call.ts';
export type { ExecuteInput, JobsApi } from './api/jobs-api.ts';
export type { Paged } from './api/pages.ts';
export type { RuleCreateInput, RulesApi } from './api/rules.ts';
export type { UserApi } from './api/user.ts';
export { type ClientOptions, createClient, type S3Client } from './client.ts';
export type {
  ConceptActionOf,
  ConceptOf,
  Concepts,
  ConceptsIn,
  PaletteOf,
  ProtectIn,
  ProtectOf,
  RuleFile,
  TemplateIn,
  TemplateOf,
} from './concepts.ts';
export {
  type AnyS3Error,
  type InvalidFile,
  type InvalidFileReason,
  isS3Error,
  S3Error,
  type S3ErrorCode,
  type S3ErrorData,
  type S3ErrorDataByCode,
  type S3ErrorInit,
  type S3ErrorJSON,
} from './errors.ts';
export type { PresetsCalls as PresetsApi } from './generated/calls.ts';
export type { PresetNames } from './generated/presets.ts';
export type * from './generated/types.ts';
export type {
  AttachOptions,
  Change,
  Connection,
  FollowOptions,
  JobEvent,
  JobHandle,
  JobState,
  RunInput,
  RunItem,
  RunOptions,
  RunProgress,
  RunResult,
  Runs,
  RunWithConcepts,
  RunWithRule,
  RunWithRuleId,
  UnfinishedJob,
  UnmatchedFile,
  Waiting,
} from './job/types.ts';
export type { Socket, SocketConstructor } from './live/watch.ts';
export { memoryStorage, type SessionStorage, type StorageWarning, type WebStorageLike, webStorage } from './storage.ts';
export type { PhotoData, PhotoFile, PhotoFiles } from './upload/photo-file.ts';
export type { Fetch } from './wire/http.ts';

/** What `@s3-workers/client-sdk` exports. */
export type { AnonInput, AuthApi, Session } from './api/auth.ts';
export type { CallOptions, PageInput } from './api/call.ts';
export type {
  CreatedJob,
  CreateInput,
  Downloads,
  DownloadsInput,
  Estimate,
  EstimateInput,
  FileKind,
  ItemStatus,
  Job,
  JobItem,
  JobPage,
  JobStatus,
  JobSummary,
  Photo,
  PhotoType,
  Progress,
  ResultFormat,
  Upload,
} from './api/jobs.ts';
export type { ExecuteInput, JobsApi } from './api/jobs-api.ts';
export type { Paged } from './api/pages.ts';
export type { LocalizedName, Preset, PresetsApi } from './api/presets.ts';
export type { Rule, RuleCreateInput, RulesApi, RuleUpdateInput } from './api/rules.ts';
export type {
  Credits,
  DeletedUser,
  ExportedJob,
  ExportedPhoto,
  ExportPage,
  LedgerPage,
  Me,
  PlanId,
  Receipt,
  UserApi,
} from './api/user.ts';
export { type ClientOptions, createClient, type S3Client } from './client.ts';
export type {
  ConceptAction,
  ConceptActionOf,
  ConceptMap,
  ConceptOf,
  Concepts,
  ConceptsIn,
  PaletteOf,
  PresetId,
  PresetNames,
  ProtectIn,
  ProtectOf,
  RuleFile,
  TemplateIn,
  TemplateOf,
  Texture,
  Tone,
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

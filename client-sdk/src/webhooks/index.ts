/** What `@s3-workers/client-sdk/webhooks` exports: for GPU workers written in TypeScript. */
export { WebhookError, type WebhookErrorCode, type WebhookErrorInit } from './error.ts';
export type { DispatchItem, DispatchMessage, GpuAction, GpuItem, GpuMessage } from './message.ts';
export { parseDispatch } from './parse.ts';
export {
  type CallbackAnswer,
  createReporter,
  type GpuResult,
  type Reporter,
  type ReporterOptions,
} from './reporter.ts';
export { type HeadersLike, sign, type VerifyOptions, verify } from './signature.ts';

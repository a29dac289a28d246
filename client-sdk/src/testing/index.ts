/** What `@s3-workers/client-sdk/testing` exports. */
export type { GpuAction, GpuItem, GpuMessage } from '../webhooks/message.ts';
export type { TestClock } from './clock.ts';
export type { Fault, FaultTarget, RefusalFault, TestFaults } from './faults.ts';
export type { GpuOutcome, GpuPhoto, GpuScript, TestGpu } from './gpu.ts';
export { createTestServer, type TestServer } from './server.ts';
export type { TestAllowance, TestSettings } from './settings.ts';
export type { TestServerOptions } from './world.ts';

/** Everything that crosses the wire. */
export * from './admin.ts';
export * from './auth.ts';
export * from './callback.ts';
export * from './concepts.ts';
export * from './errors.ts';
export * from './export.ts';
export * from './gpu-message.ts';
export * from './ids.ts';
export * from './jobs.ts';
export * from './limits.ts';
export * from './presets.ts';
export * from './rules.ts';
export * from './text.ts';
export * from './user.ts';
export * from './watch.ts';

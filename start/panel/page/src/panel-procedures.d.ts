/** What `if-stale.ts` writes before the build. */
declare module 'panel-procedures' {
  const procedures: import('./described.ts').Described[];
  export default procedures;
}

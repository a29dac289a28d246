/** Made by proving/crash-points/plugin.ts from the source as it lies on disk. */
declare module 'virtual:crash-points' {
  /** Every crash point, by name. */
  export const names: string[];
  /** In how many scenarios each point is passed, and whether answers are lost everywhere, or in the sagas only. */
  export const depth: { scenarios: number; loseAll: boolean };
}

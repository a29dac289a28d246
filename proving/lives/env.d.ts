/** What the model's runs are told from outside: see vitest.workspace.ts. */
declare namespace Cloudflare {
  interface Env {
    /** Seed of the first run. */
    MODEL_SEED?: string;
    /** Which of the commands to keep, as indexes with commas: one run only. */
    MODEL_PATH?: string;
    MODEL_RUNS?: string;
  }
}

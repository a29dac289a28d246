/**
 * `npm run deploy [-- --env NAME] [--plan | --yes]`: looks at what there is at Cloudflare, says what it would do, asks, does it, and sends a photo through what
 * came of it. docs/DEPLOY.md tells it all.
 */
import path from 'node:path';
import { flag, optionsOf, runCommand, text } from '../options.ts';
import { GENERATED } from '../paths.ts';
import { type CanaryClient, runCanary } from './canary.ts';
import { deploy } from './deploy.ts';
import { PROOF_LIMITS } from './proof.ts';
import { studioForDeploy } from './studio.ts';
import { WRANGLER_TOML } from './target.ts';
import { terminal } from './terminal.ts';
import { wranglerOf } from './wrangler.ts';

const USAGE = `npm run deploy [-- OPTIONS]

  --env NAME   the section env.NAME of wrangler.toml instead of production
  --plan       shows what is there and every command, and changes nothing
  --yes        does not ask`;

const options = (args: string[]) =>
  optionsOf({ env: text(null, 'e'), plan: flag(), yes: flag('y'), help: flag('h') }, args, USAGE);

await runCommand(options, USAGE, ({ env, plan, yes }) =>
  deploy(
    { environment: env, plan, yes },
    {
      env: process.env,
      wrangler: wranglerOf(process.env),
      terminal,
      say: (said) => console.log(said),
      toml: WRANGLER_TOML,
      kept: path.join(GENERATED, 's3-deploy'),
      buildStudio: (environment) => studioForDeploy(environment ?? undefined),
      canary,
      limits: PROOF_LIMITS,
    },
  ),
);

async function canary(baseUrl: string, limitMs: number) {
  // Loaded late: it may have been built only now.
  const { createClient } = await import('@s3-workers/client-sdk');
  return await runCanary(createClient({ baseUrl }) as CanaryClient, limitMs);
}

/** Shapes of `rules.*`: a rule is a saved choice of what to change and what to protect. */
import * as z from 'zod/mini';
import { conceptMap, protectList } from './concepts.ts';
import { idempotencyKey, ruleId } from './ids.ts';
import { MAX_RULE_NAME } from './limits.ts';
import { presetId } from './presets.ts';
import { trimmed } from './schema.ts';

const ruleName = trimmed(1, MAX_RULE_NAME);

export const ruleCreateInput = z.object({
  /** 1 to 80 characters. */
  name: ruleName,
  presetId,
  concepts: conceptMap,
  /** What stays untouched; the preset's own protects when left out. */
  protect: z.optional(protectList),
  /** The same key again gives the rule that it made; the client gives each call one of its own when left out. */
  idempotencyKey: z.optional(idempotencyKey),
});
export const ruleIdInput = z.object({ id: ruleId });
/** What is left out stays. */
export const ruleUpdateInput = z.object({
  id: ruleId,
  name: z.optional(ruleName),
  concepts: z.optional(conceptMap),
  protect: z.optional(protectList),
});
export type RuleUpdateInput = z.input<typeof ruleUpdateInput>;

export const rule = z.object({
  id: z.string(),
  name: z.string(),
  presetId,
  concepts: conceptMap,
  protect: z.array(z.string()),
  createdAt: z.date(),
  updatedAt: z.date(),
});
export type Rule = z.infer<typeof rule>;
export const ruleListOutput = z.array(rule);
export const ruleDeleteOutput = z.object({ id: z.string(), deleted: z.literal(true) });

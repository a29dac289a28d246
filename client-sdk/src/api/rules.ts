/** `rules.*`: saved choices of what to change and what to protect. */
import type { Concepts, ProtectOf } from '../concepts.ts';
import type { RulesCalls } from '../generated/calls.ts';
import type { PresetId, Rule } from '../generated/types.ts';
import type { CallOptions } from './call.ts';

/** Typed by its preset. */
export interface RuleCreateInput<P extends PresetId = PresetId> {
  /** 1 to 80 characters. */
  name: string;
  presetId: P;
  concepts: Concepts<P>;
  /** The preset's own protects when left out. */
  protect?: readonly ProtectOf<P>[] | undefined;
  /** The same key again gives the rule that it made; each call has one of its own when left out. */
  idempotencyKey?: string | undefined;
}

export interface RulesApi extends Omit<RulesCalls, 'create'> {
  /** Throws RULE_SLOT_FULL. */
  create<P extends PresetId>(input: RuleCreateInput<P>, options?: CallOptions): Promise<Rule>;
}

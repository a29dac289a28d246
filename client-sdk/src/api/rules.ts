/** `rules.*`: saved choices of what to change and what to protect. */
import type { ConceptMap, Concepts, PresetId, ProtectOf } from '../concepts.ts';
import type { CallOptions } from './call.ts';

export interface Rule {
  id: string;
  name: string;
  presetId: PresetId;
  concepts: ConceptMap;
  protect: string[];
  createdAt: Date;
  updatedAt: Date;
}

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

/** What is left out stays. */
export interface RuleUpdateInput {
  id: string;
  name?: string | undefined;
  concepts?: ConceptMap | undefined;
  protect?: string[] | undefined;
}

export interface RulesApi {
  /** Throws RULE_SLOT_FULL. */
  create<P extends PresetId>(input: RuleCreateInput<P>, options?: CallOptions): Promise<Rule>;
  /** Throws RULE_NOT_FOUND, as `update` and `delete` do. */
  get(input: { id: string }, options?: CallOptions): Promise<Rule>;
  list(options?: CallOptions): Promise<Rule[]>;
  update(input: RuleUpdateInput, options?: CallOptions): Promise<Rule>;
  delete(input: { id: string }, options?: CallOptions): Promise<{ id: string; deleted: true }>;
}

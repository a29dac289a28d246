/** A user's rules: their slots, their versions, and that D1 hears of them. Who may change them, the object has asked before. */
import type { ConceptMap } from '../../contract/concepts.ts';
import type { Rule } from '../../contract/rules.ts';
import type { PlanId } from '../../contract/user.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { takeRuleSlot } from '../../domain/rule-slots.ts';
import type { StoredRule } from './rule-store.ts';
import type { UserStore } from './store.ts';

export type RuleDraft = { name: string; preset: Rule['presetId']; concepts: ConceptMap; protect: string[] };
export type RuleChange = Partial<Omit<RuleDraft, 'preset'>>;

export class Rules {
  readonly #store: UserStore;
  readonly #tellD1: () => void;

  /** @param tellD1 called in the turn of each commit */
  constructor(store: UserStore, tellD1: () => void) {
    this.#store = store;
    this.#tellD1 = tellD1;
  }

  create(plan: PlanId, id: string, draft: RuleDraft): Result<Rule> {
    const slot = takeRuleSlot(plan, this.#store.rules.list().length);
    if (!slot.ok) return slot;
    const now = Date.now();
    const rule = { ...draft, id, createdAt: now, updatedAt: now, deletedAt: null, version: 1 };
    this.#save(rule);
    return ok(viewOf(rule));
  }

  list(): Rule[] {
    return this.#store.rules.list().map(viewOf);
  }

  get(id: string): Result<Rule> {
    const rule = this.#store.rules.find(id);
    return rule === null ? ruleNotFound() : ok(viewOf(rule));
  }

  update(id: string, change: RuleChange): Result<Rule> {
    const rule = this.#store.rules.find(id);
    if (rule === null) return ruleNotFound();
    const changed = { ...rule, ...change, updatedAt: Date.now(), version: rule.version + 1 };
    this.#save(changed);
    return ok(viewOf(changed));
  }

  delete(id: string): Result<null> {
    const rule = this.#store.rules.find(id);
    if (rule === null) return ruleNotFound();
    const now = Date.now();
    this.#save({ ...rule, updatedAt: now, deletedAt: now, version: rule.version + 1 });
    return ok(null);
  }

  #save(rule: StoredRule): void {
    this.#store.transaction(() => {
      this.#store.rules.save(rule);
      this.#store.enqueue('rule', rule.id);
    });
    this.#tellD1();
  }
}

function viewOf({ id, name, preset, concepts, protect, createdAt, updatedAt }: StoredRule): Rule {
  return {
    id,
    name,
    presetId: preset,
    concepts,
    protect,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  };
}

export const ruleNotFound = () => refuse('RULE_NOT_FOUND', 'no such rule', null);

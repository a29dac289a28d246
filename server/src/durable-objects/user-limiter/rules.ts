/** A user's rules: their slots, their versions, and that D1 hears of them. Who may change them, the object has asked before. */
import type { ConceptMap } from '../../contract/concepts.ts';
import { type Rule, rule as ruleShape } from '../../contract/rules.ts';
import { chooseFor } from '../../domain/presets.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { takeRuleSlot } from '../../domain/rule-slots.ts';
import type { DayAllowance } from './allowance.ts';
import type { StoredRule } from './rule-store.ts';
import type { More, User, UserStore } from './store.ts';

export type RuleDraft = { name: string; preset: Rule['presetId']; concepts: ConceptMap; protect: string[] };
/** What is left out stays. */
export type RuleChange = { [K in keyof Omit<RuleDraft, 'preset'>]?: RuleDraft[K] | undefined };

/** Deleted rules whose ids are remembered, so that a repeat is known for one. */
const MAX_DELETED = 50;

export class Rules {
  readonly #store: UserStore;
  readonly #allowance: DayAllowance;
  readonly #tellD1: () => void;

  /** @param tellD1 called in the turn of each commit */
  constructor(store: UserStore, allowance: DayAllowance, tellD1: () => void) {
    this.#store = store;
    this.#allowance = allowance;
    this.#tellD1 = tellD1;
  }

  /** The same id again finds the rule that it made. */
  create(user: User, id: string, draft: RuleDraft): Result<Rule> {
    const known = this.#store.rules.find(id);
    if (known !== null)
      return isShowable(known) && isMadeFrom(known, draft) ? ok(viewOf(known)) : keyUsed('for another rule');
    if (this.#wasDeleted(user, id)) return keyUsed('for a rule that was deleted');
    const slot = takeRuleSlot(user.account.plan, this.#store.rules.list().length);
    if (!slot.ok) return slot;
    const more = this.#allowance.ruleChange(user);
    if (!more.ok) return more;
    const now = Date.now();
    const rule = { ...draft, id, createdAt: now, updatedAt: now, deletedAt: null, version: 1 };
    this.#save(rule, more.value);
    return ok(viewOf(rule));
  }

  list(): Rule[] {
    return this.#store.rules.list().filter(isShowable).map(viewOf);
  }

  get(id: string): Result<Rule> {
    const rule = this.#store.rules.find(id);
    return rule !== null && isShowable(rule) ? ok(viewOf(rule)) : ruleNotFound();
  }

  /** Merges the change with the rule as it stands, so that of two at once neither is lost, and checks what comes of it. */
  update(user: User, id: string, change: RuleChange): Result<Rule> {
    const rule = this.#store.rules.find(id);
    if (rule === null || !isShowable(rule)) return ruleNotFound();
    const { name = rule.name, concepts = rule.concepts, protect = rule.protect } = change;
    const choice = chooseFor(rule.preset, { concepts, protect });
    if (!choice.ok) return choice;
    const wanted = { ...rule, name, concepts: choice.value.concepts, protect: choice.value.protect };
    if (contentOf(wanted) === contentOf(rule)) return ok(viewOf(rule));
    const more = this.#allowance.ruleChange(user);
    if (!more.ok) return more;
    const changed = { ...wanted, updatedAt: Date.now(), version: rule.version + 1 };
    this.#save(changed, more.value);
    return ok(viewOf(changed));
  }

  /** Deleting what was deleted is done already. What the rule said goes with it, in D1 as well. */
  delete(user: User, id: string): Result<null> {
    const rule = this.#store.rules.find(id);
    if (rule === null) return this.#wasDeleted(user, id) ? ok(null) : ruleNotFound();
    const now = Date.now();
    const deletedRules = [id, ...(user.more.deletedRules ?? [])].slice(0, MAX_DELETED);
    const emptied = { ...rule, concepts: {}, protect: [], updatedAt: now, deletedAt: now, version: rule.version + 1 };
    this.#save(emptied, { ...this.#allowance.ruleDeleted(user), deletedRules });
    return ok(null);
  }

  #wasDeleted({ more }: User, id: string): boolean {
    return more.deletedRules?.includes(id) === true || this.#store.rules.find(id, true) !== null;
  }

  #save(rule: StoredRule, more: More): void {
    this.#store.transaction(() => {
      this.#store.rules.save(rule);
      this.#store.saveMore(more);
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

/** Whether this release knows the words of the rule: a later one may have saved others, which it finds again. */
const isShowable = (rule: StoredRule): boolean => ruleShape.safeParse(viewOf(rule)).success;

type Content = Pick<StoredRule, 'name' | 'preset' | 'concepts' | 'protect'>;
const contentOf = ({ name, preset, concepts, protect }: Content): string =>
  JSON.stringify([name, preset, concepts, protect]);

/** Whether the rule may have come of this draft: once changed, it does not say any more what it was made from. */
const isMadeFrom = (rule: StoredRule, draft: RuleDraft): boolean =>
  rule.version > 1 || contentOf(rule) === contentOf(draft);

const keyUsed = (what: string) =>
  refuse('IDEMPOTENCY_CONFLICT', `idempotencyKey: was used ${what}`, { field: 'idempotencyKey' });
export const ruleNotFound = () => refuse('RULE_NOT_FOUND', 'no such rule', null);

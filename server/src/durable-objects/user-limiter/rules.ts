/** A user's rules: who may change them, their slots, their versions, and that D1 hears of them. */
import type { ConceptMap } from '../../contract/concepts.ts';
import { type Rule, rule as ruleShape } from '../../contract/rules.ts';
import { chooseFor } from '../../domain/presets.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { takeRuleSlot } from '../../domain/rule-slots.ts';
import type { More, Session, StoredRule, User } from './state.ts';

export type RulePorts = {
  now(): number;
  user(): User | null;
  /** One that was deleted as well, as long as D1 has not heard of that. */
  rule(id: string): StoredRule | null;
  /** Those that were not deleted, oldest first. */
  rules(): readonly StoredRule[];
  /** One commit, with what D1 has to hear of it. */
  saveRule(rule: StoredRule, more: More): void;
  /** Opens the account for a first change. */
  opened(session: Session | null): Promise<Result<null>>;
  admitted(session: Session | null): Result<User>;
  /** What one more change of the day leaves to save. */
  ruleChange(user: User): Result<More>;
  ruleDeleted(user: User): More;
  /** Called in the turn of each commit. */
  tellD1(): void;
};

export type RuleDraft = { name: string; preset: Rule['presetId']; concepts: ConceptMap; protect: string[] };
/** What is left out stays. */
export type RuleChange = { [K in keyof Omit<RuleDraft, 'preset'>]?: RuleDraft[K] | undefined };

/** Deleted rules whose ids are remembered, so that a repeat is known for one. */
const MAX_DELETED = 50;

export class Rules {
  readonly #ports: RulePorts;

  constructor(ports: RulePorts) {
    this.#ports = ports;
  }

  /** The same id again finds the rule that it made. */
  async create(session: Session | null, id: string, draft: RuleDraft): Promise<Result<Rule>> {
    const opened = await this.#ports.opened(session);
    if (!opened.ok) return opened;
    const admitted = this.#ports.admitted(session);
    return admitted.ok ? this.#create(admitted.value, id, draft) : admitted;
  }

  #create(user: User, id: string, draft: RuleDraft): Result<Rule> {
    const known = this.#find(id);
    if (known !== null)
      return isShowable(known) && isMadeFrom(known, draft) ? ok(viewOf(known)) : keyUsed('for another rule');
    if (this.#wasDeleted(user, id)) return keyUsed('for a rule that was deleted');
    const slot = takeRuleSlot(user.account.plan, this.#ports.rules().length);
    if (!slot.ok) return slot;
    const more = this.#ports.ruleChange(user);
    if (!more.ok) return more;
    const now = this.#ports.now();
    const rule = { ...draft, id, createdAt: now, updatedAt: now, deletedAt: null, version: 1 };
    this.#save(rule, more.value);
    return ok(viewOf(rule));
  }

  list(): Rule[] {
    return this.#ports.rules().filter(isShowable).map(viewOf);
  }

  get(id: string): Result<Rule> {
    const rule = this.#find(id);
    return rule !== null && isShowable(rule) ? ok(viewOf(rule)) : ruleNotFound();
  }

  /** Merges the change with the rule as it stands, so that of two at once neither is lost, and checks what comes of it. */
  update(session: Session | null, id: string, change: RuleChange): Result<Rule> {
    if (this.#ports.user() === null) return ruleNotFound();
    const admitted = this.#ports.admitted(session);
    return admitted.ok ? this.#update(admitted.value, id, change) : admitted;
  }

  #update(user: User, id: string, change: RuleChange): Result<Rule> {
    const rule = this.#find(id);
    if (rule === null || !isShowable(rule)) return ruleNotFound();
    const { name = rule.name, concepts = rule.concepts, protect = rule.protect } = change;
    const choice = chooseFor(rule.preset, { concepts, protect });
    if (!choice.ok) return choice;
    const wanted = { ...rule, name, concepts: choice.value.concepts, protect: choice.value.protect };
    if (contentOf(wanted) === contentOf(rule)) return ok(viewOf(rule));
    const more = this.#ports.ruleChange(user);
    if (!more.ok) return more;
    const changed = { ...wanted, updatedAt: this.#ports.now(), version: rule.version + 1 };
    this.#save(changed, more.value);
    return ok(viewOf(changed));
  }

  /** Deleting what was deleted is done already. What the rule said goes with it, in D1 as well. */
  delete(session: Session | null, id: string): Result<null> {
    if (this.#ports.user() === null) return ruleNotFound();
    const admitted = this.#ports.admitted(session);
    return admitted.ok ? this.#delete(admitted.value, id) : admitted;
  }

  #delete(user: User, id: string): Result<null> {
    const rule = this.#find(id);
    if (rule === null) return this.#wasDeleted(user, id) ? ok(null) : ruleNotFound();
    const now = this.#ports.now();
    const deletedRules = [id, ...(user.more.deletedRules ?? [])].slice(0, MAX_DELETED);
    const emptied = { ...rule, concepts: {}, protect: [], updatedAt: now, deletedAt: now, version: rule.version + 1 };
    this.#save(emptied, { ...this.#ports.ruleDeleted(user), deletedRules });
    return ok(null);
  }

  /** One that was not deleted. */
  #find(id: string): StoredRule | null {
    const rule = this.#ports.rule(id);
    return rule === null || rule.deletedAt !== null ? null : rule;
  }

  #wasDeleted({ more }: User, id: string): boolean {
    return more.deletedRules?.includes(id) === true || this.#ports.rule(id) !== null;
  }

  #save(rule: StoredRule, more: More): void {
    this.#ports.saveRule(rule, more);
    this.#ports.tellD1();
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
const ruleNotFound = () => refuse('RULE_NOT_FOUND', 'no such rule', null);

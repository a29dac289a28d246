/** Rules that are kept on the server: used again, changed, renamed, duplicated, deleted, within the places of the plan. */
import type { Preset, Rule } from '@s3-workers/client-sdk';
import { errorText } from '@s3-workers/client-sdk/messages';
import { useS3Options } from '@s3-workers/client-sdk/react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { useLanguage } from '../words/language.ts';
import { type Choice, choiceOf, isAs, protectOf } from './choice.ts';
import { Asked, type Question } from './question.tsx';
import { RuleRow } from './rule-row.tsx';
import { changeWords } from './words.ts';

interface RulesProps {
  preset: Preset;
  choice: Choice;
  onChange(choice: Choice): void;
}

export function Rules({ preset, choice, onChange }: RulesProps) {
  const w = useWords(changeWords);
  const language = useLanguage();
  const { rules, slots, error, ...calls } = useRules();
  const [question, setQuestion] = useState<Question | null>(null);
  const content = { concepts: choice.concepts, protect: [...protectOf(choice, preset)] };
  const isFull = slots !== null && slots.used >= slots.max;
  const saveAs = () =>
    setQuestion({
      title: w.saveAs,
      name: '',
      go: (name) => calls.create({ name, presetId: preset.id, ...content }, (rule) => onChange(choiceOf(rule, preset))),
    });
  return (
    <section aria-labelledby="rules" className="space-y-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h2 id="rules" className="font-semibold">
          {w.rules}
        </h2>
        {slots !== null && <p className="text-sm text-soft tabular-nums">{w.rulesSlots(slots.used, slots.max)}</p>}
      </div>
      {rules.length === 0 && <p className="text-sm text-soft">{w.noRules}</p>}
      <ul className="divide-y divide-line">
        {rules
          .filter(({ presetId }) => presetId === preset.id)
          .map((rule) => (
            <RuleRow
              key={rule.id}
              rule={rule}
              isUsed={choice.ruleId === rule.id}
              isSame={isAs(choice, preset, rule)}
              isFull={isFull}
              onUse={() => onChange(choiceOf(rule, preset))}
              onSave={() => calls.update({ id: rule.id, ...content })}
              onCopy={() => calls.create({ ...rule, name: w.copyOf(rule.name).slice(0, 80) })}
              onAsk={setQuestion}
              onRename={(name) => calls.update({ id: rule.id, name })}
              onRemove={() => calls.remove({ id: rule.id })}
            />
          ))}
      </ul>
      {error !== null && (
        <p role="alert" className="text-sm text-bad">
          {errorText(error, language)}
        </p>
      )}
      <Button className="w-full" disabled={isFull || Object.keys(choice.concepts).length === 0} onClick={saveAs}>
        {w.saveAs}
      </Button>
      {isFull && <p className="text-sm text-soft">{w.slotsFull}</p>}
      <Asked question={question} onClose={() => setQuestion(null)} />
    </section>
  );
}

type Content = Pick<Rule, 'name' | 'presetId' | 'concepts' | 'protect'>;

/** The rules with what can be done to them; each change has the list and the places asked for again. */
function useRules() {
  const s3 = useS3Options();
  const queries = useQueryClient();
  const list = useQuery(s3.rules.list.queryOptions());
  const me = useQuery(s3.user.me.queryOptions());
  const onSuccess = () =>
    Promise.all([
      queries.invalidateQueries(s3.rules.list.queryFilter()),
      queries.invalidateQueries(s3.user.me.queryFilter()),
    ]);
  const create = useMutation(s3.rules.create.mutationOptions({ onSuccess }));
  const update = useMutation(s3.rules.update.mutationOptions({ onSuccess }));
  const remove = useMutation(s3.rules.delete.mutationOptions({ onSuccess }));
  return {
    rules: list.data ?? [],
    slots: me.data?.ruleSlots ?? null,
    error: create.error ?? update.error ?? remove.error ?? list.error,
    create: ({ name, presetId, concepts, protect }: Content, done?: (rule: Rule) => void) =>
      create.mutate({ name, presetId, concepts, protect }, done === undefined ? {} : { onSuccess: done }),
    update: update.mutate,
    remove: remove.mutate,
  };
}

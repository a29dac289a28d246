/** One saved rule. */

import * as Popover from '@radix-ui/react-popover';
import type { Rule } from '@s3-workers/client-sdk';
import { useWords } from '../words/index.ts';
import type { Question } from './question.tsx';
import { changeWords } from './words.ts';

interface RuleRowProps {
  rule: Rule;
  /** Whether what is chosen came from it. */
  isUsed: boolean;
  /** Whether what is chosen is what it says. */
  isSame: boolean;
  /** Whether the plan has no place for one more. */
  isFull: boolean;
  onUse(): void;
  onSave(): void;
  onCopy(): void;
  onAsk(question: Question): void;
  onRename(name: string): void;
  onRemove(): void;
}

const LINK = 'min-h-9 rounded-lg px-2 text-sm text-accent hover:bg-well pointer-coarse:min-h-11';

export function RuleRow({ rule, isUsed, isSame, onUse, onSave, ...more }: RuleRowProps) {
  const w = useWords(changeWords);
  return (
    <li className="flex items-center gap-1 py-1">
      <div className="mr-auto min-w-0">
        <p className="truncate">{rule.name}</p>
        {isUsed && <p className="text-xs text-soft">{isSame ? w.loaded : w.changed}</p>}
      </div>
      {isUsed && !isSame && (
        <button type="button" className={LINK} onClick={onSave}>
          {w.saveChanges}
        </button>
      )}
      {!(isUsed && isSame) && (
        <button type="button" className={LINK} onClick={onUse}>
          {w.load}
        </button>
      )}
      <More rule={rule} {...more} />
    </li>
  );
}

function More({
  rule,
  isFull,
  onCopy,
  onAsk,
  onRename,
  onRemove,
}: Omit<RuleRowProps, 'isUsed' | 'isSame' | 'onUse' | 'onSave'>) {
  const w = useWords(changeWords);
  const items = [
    { label: w.rename, go: () => onAsk({ title: w.ruleNameOf(rule.name), name: rule.name, go: onRename }) },
    { label: w.duplicate, go: onCopy, disabled: isFull },
    {
      label: w.remove,
      go: () => onAsk({ title: w.removeSure(rule.name), name: null, danger: w.remove, go: onRemove }),
    },
  ];
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={w.more(rule.name)}
        className="grid size-9 place-items-center rounded-lg text-lg text-soft hover:bg-well hover:text-ink pointer-coarse:size-11"
      >
        ⋯
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          aria-label={rule.name}
          className="z-30 flex min-w-36 flex-col rounded-xl border border-line bg-sheet p-1 shadow-lg"
        >
          {items.map(({ label, go, disabled = false }) => (
            <Popover.Close
              key={label}
              disabled={disabled}
              onClick={go}
              className="min-h-10 rounded-lg px-3 text-left hover:bg-well disabled:text-soft pointer-coarse:min-h-11"
            >
              {label}
            </Popover.Close>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

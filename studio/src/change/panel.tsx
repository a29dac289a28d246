/** What to change and what to leave alone: chips for both, and for each change how it is to look. */
import type { ConceptAction, Preset, PresetId } from '@s3-workers/client-sdk';
import { Chip } from '../parts/chip.tsx';
import { Icon } from '../parts/icon.tsx';
import { Segments } from '../parts/segments.tsx';
import { useNameOf, useWords } from '../words/index.ts';
import { ActionOf } from './action.tsx';
import { type Choice, firstAction, protectOf, withConcept, withProtect } from './choice.ts';
import { Dot } from './colour.tsx';
import { changeWords } from './words.ts';

interface PanelProps {
  presets: readonly Preset[];
  preset: Preset;
  choice: Choice;
  onChange(choice: Choice): void;
  /** Left out where the photos have their preset already. */
  onPreset?: ((preset: PresetId) => void) | undefined;
}

export function ChangePanel({ presets, preset, choice, onChange, onPreset }: PanelProps) {
  const w = useWords(changeWords);
  const nameOf = useNameOf();
  return (
    <div className="space-y-6">
      {onPreset && (
        <Segments<PresetId>
          label={w.preset}
          value={preset.id}
          options={presets.map(({ id, name }) => ({ value: id, label: nameOf(name) }))}
          onChange={onPreset}
        />
      )}
      <Concepts preset={preset} choice={choice} onChange={onChange} />
      <Protects preset={preset} choice={choice} onChange={onChange} />
    </div>
  );
}

type Part = Pick<PanelProps, 'preset' | 'choice' | 'onChange'>;

function Concepts({ preset, choice, onChange }: Part) {
  const w = useWords(changeWords);
  const nameOf = useNameOf();
  const change = (id: string, action: ConceptAction | null) => onChange(withConcept(choice, id, action));
  return (
    <section aria-labelledby="concepts" className="space-y-3">
      <div>
        <h2 id="concepts" className="font-semibold">
          {w.concepts}
        </h2>
        <p className="text-sm text-soft">{w.conceptsNote}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        {preset.concepts.map(({ id, name }) => {
          const action = choice.concepts[id];
          return (
            <Chip key={id} on={action !== undefined} onToggle={(on) => change(id, on ? firstAction(preset) : null)}>
              {action?.action === 'recolor' && <Dot preset={preset} value={action.value} />}
              {nameOf(name)}
            </Chip>
          );
        })}
      </div>
      <ul className="space-y-2">
        {Object.entries(choice.concepts).map(([id, action]) => {
          const concept = preset.concepts.find((one) => one.id === id);
          return (
            concept && (
              <li key={id}>
                <ActionOf
                  preset={preset}
                  name={nameOf(concept.name)}
                  action={action}
                  onChange={(next) => change(id, next)}
                />
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}

function Protects({ preset, choice, onChange }: Part) {
  const w = useWords(changeWords);
  const nameOf = useNameOf();
  const protect = protectOf(choice, preset);
  return (
    <section aria-labelledby="protect" className="space-y-3">
      <div>
        <h2 id="protect" className="font-semibold">
          {w.protect}
        </h2>
        <p className="text-sm text-soft">{w.protectNote}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        {[...preset.concepts, ...preset.protectOnly].map(({ id, name }) => {
          const on = protect.includes(id);
          return (
            <Chip key={id} on={on} onToggle={(next) => onChange(withProtect(choice, preset, id, next))}>
              {on && <Icon name="lock" className="size-4 text-accent" />}
              {nameOf(name)}
            </Chip>
          );
        })}
      </div>
    </section>
  );
}

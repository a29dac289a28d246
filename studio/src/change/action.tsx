/** How one thing is to look: another colour, tone or texture, or gone. */
import type { ConceptAction, Preset, Texture, Tone } from '@s3-workers/client-sdk';
import { actions, textures, tones } from '@s3-workers/client-sdk/messages';
import { Icon } from '../parts/icon.tsx';
import { Segments } from '../parts/segments.tsx';
import { useNameOf, useWords } from '../words/index.ts';
import { firstAction } from './choice.ts';
import { Colour } from './colour.tsx';
import { changeWords } from './words.ts';

interface ActionProps {
  preset: Preset;
  /** Of the concept. */
  name: string;
  action: ConceptAction;
  /** @param action null to leave it as it is */
  onChange(action: ConceptAction | null): void;
}

type Kind = ConceptAction['action'];
const KINDS: readonly Kind[] = ['recolor', 'tone', 'texture', 'remove'];

export function ActionOf({ preset, name, action, onChange }: ActionProps) {
  const w = useWords(changeWords);
  const nameOf = useNameOf();
  return (
    <fieldset className="space-y-3 rounded-xl border border-line bg-sheet p-3">
      <legend className="sr-only">{w.actionOf(name)}</legend>
      <div className="flex items-center justify-between">
        <span aria-hidden="true" className="font-medium">
          {name}
        </span>
        <button
          type="button"
          aria-label={w.undo(name)}
          title={w.undo(name)}
          onClick={() => onChange(null)}
          className="-m-1.5 grid size-9 place-items-center rounded-lg text-soft hover:bg-well hover:text-ink pointer-coarse:size-11"
        >
          <Icon name="close" />
        </button>
      </div>
      <Segments<Kind>
        label={w.actionOf(name)}
        value={action.action}
        options={KINDS.map((kind) => ({ value: kind, label: nameOf(actions[kind]) }))}
        onChange={(kind) => onChange(begun(kind, preset))}
      />
      <Value preset={preset} name={name} action={action} onChange={onChange} />
    </fieldset>
  );
}

function begun(kind: Kind, preset: Preset): ConceptAction {
  switch (kind) {
    case 'recolor':
      return firstAction(preset);
    case 'tone':
      return { action: 'tone', value: 'warm' };
    case 'texture':
      return { action: 'texture', value: 'wood' };
    case 'remove':
      return { action: 'remove' };
  }
}

function Value({ preset, name, action, onChange }: ActionProps) {
  const w = useWords(changeWords);
  const nameOf = useNameOf();
  switch (action.action) {
    case 'recolor':
      return (
        <Colour
          preset={preset}
          label={`${name}: ${w.colour}`}
          value={action.value}
          onChange={(value) => onChange({ action: 'recolor', value })}
        />
      );
    case 'tone':
      return (
        <Segments<Tone>
          label={`${name}: ${w.tone}`}
          value={action.value}
          options={namesOf(tones, nameOf)}
          onChange={(value) => onChange({ action: 'tone', value })}
        />
      );
    case 'texture':
      return (
        <Segments<Texture>
          label={`${name}: ${w.texture}`}
          value={action.value}
          options={namesOf(textures, nameOf)}
          onChange={(value) => onChange({ action: 'texture', value })}
        />
      );
    case 'remove':
      return <p className="text-sm text-soft">{w.removeNote}</p>;
  }
}

type Names<T extends string> = Readonly<Record<T, { en: string; ko: string }>>;

const namesOf = <T extends string>(names: Names<T>, nameOf: (name: { en: string; ko: string }) => string) =>
  (Object.keys(names) as T[]).map((value) => ({ value, label: nameOf(names[value]) }));

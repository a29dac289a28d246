/** How a set is to be: its template, for which channel, and what it says of itself. */
import type { Preset } from '@s3-workers/client-sdk';
import { CHANNELS, type ChannelId, type TemplateId } from '@s3-workers/client-sdk/sets';
import { useId } from 'react';
import type { SetWords } from './words.ts';

export interface Chosen {
  template: TemplateId;
  channel: ChannelId;
  disclose: boolean;
  singles: boolean;
  /** Position of the look, of those templates that show one. */
  look: number;
}

interface OptionsProps {
  preset: Preset;
  language: 'en' | 'ko';
  chosen: Chosen;
  /** How many looks there are to choose from; one: there is no choice. */
  looks: number;
  words: SetWords;
  onTemplate(template: TemplateId): void;
  onChange(change: Partial<Chosen>): void;
}

const FIELD = 'grid gap-2';

export function Options({ preset, language, chosen, looks, words, onTemplate, onChange }: OptionsProps) {
  const channelId = useId();
  return (
    <div className="grid content-start gap-5">
      <fieldset className={FIELD}>
        <legend className="mb-2 font-medium">{words.template}</legend>
        {preset.outputTemplates.map(({ id, name }) => (
          <Choice
            key={id}
            group="template"
            label={name[language]}
            checked={chosen.template === id}
            onChoose={() => onTemplate(id as TemplateId)}
          />
        ))}
      </fieldset>
      {looks > 1 && (
        <fieldset className={FIELD}>
          <legend className="mb-2 font-medium">{words.look}</legend>
          {Array.from({ length: looks }, (_, look) => (
            <Choice
              key={words.lookNumber(look + 1)}
              group="look"
              label={words.lookNumber(look + 1)}
              checked={chosen.look === look}
              onChoose={() => onChange({ look })}
            />
          ))}
        </fieldset>
      )}
      <div className={FIELD}>
        <label htmlFor={channelId} className="font-medium">
          {words.channel}
        </label>
        <select
          id={channelId}
          value={chosen.channel}
          onChange={({ target }) => onChange({ channel: target.value as ChannelId })}
          className="min-h-11 rounded-lg border border-edge bg-sheet px-3"
        >
          {Object.keys(CHANNELS).map((id) => (
            <option key={id} value={id}>
              {words.channels[id as ChannelId]}
            </option>
          ))}
        </select>
      </div>
      <div className="grid gap-1">
        <Check
          label={words.disclose}
          note={words.discloseNote}
          checked={chosen.disclose}
          onCheck={(disclose) => onChange({ disclose })}
        />
        <Check label={words.singles} checked={chosen.singles} onCheck={(singles) => onChange({ singles })} />
      </div>
    </div>
  );
}

function Choice({
  group,
  label,
  checked,
  onChoose,
}: {
  group: string;
  label: string;
  checked: boolean;
  onChoose(): void;
}) {
  return (
    <label className="flex min-h-11 items-center gap-3 rounded-lg border border-line bg-sheet px-3 has-checked:border-accent has-checked:bg-wash has-focus-visible:outline-2 has-focus-visible:outline-accent">
      <input type="radio" name={group} checked={checked} onChange={onChoose} className="size-4 accent-accent" />
      {label}
    </label>
  );
}

function Check({
  label,
  note,
  checked,
  onCheck,
}: {
  label: string;
  note?: string;
  checked: boolean;
  onCheck(checked: boolean): void;
}) {
  return (
    <label className="flex min-h-11 items-start gap-3 py-2">
      <input
        type="checkbox"
        checked={checked}
        onChange={({ target }) => onCheck(target.checked)}
        className="mt-0.5 size-5 shrink-0 accent-accent"
      />
      <span>
        {label}
        {note !== undefined && <span className="block text-sm text-soft">{note}</span>}
      </span>
    </label>
  );
}

/** Colours: the preset's palette, and any other by the browser's own picker. */

import * as ToggleGroup from '@radix-ui/react-toggle-group';
import type { Preset } from '@s3-workers/client-sdk';
import { Icon } from '../parts/icon.tsx';
import { useNameOf, useWords } from '../words/index.ts';
import { changeWords } from './words.ts';

/** As it looks on a screen. @param value name of a colour of the palette, or `#RRGGBB` */
export const hexOf = (preset: Preset, value: string): string =>
  preset.palette.find(({ id }) => id === value)?.hex ?? value;

export function Dot({ preset, value }: { preset: Preset; value: string }) {
  return (
    <span
      aria-hidden="true"
      className="size-3.5 rounded-full border border-ink/20"
      style={{ backgroundColor: hexOf(preset, value) }}
    />
  );
}

const SWATCH = 'relative grid size-8 place-items-center rounded-full border border-ink/20 pointer-coarse:size-11';
const CHOSEN = 'outline-2 outline-accent outline-offset-2';

interface ColourProps {
  preset: Preset;
  label: string;
  value: string;
  onChange(value: string): void;
}

export function Colour({ preset, label, value, onChange }: ColourProps) {
  const w = useWords(changeWords);
  const nameOf = useNameOf();
  const known = preset.palette.find(({ id }) => id === value);
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-2.5 pl-0.5">
        <ToggleGroup.Root
          type="single"
          aria-label={label}
          value={known?.id ?? ''}
          onValueChange={(next) => next !== '' && onChange(next)}
          className="contents"
        >
          {preset.palette.map(({ id, hex, name }) => (
            <ToggleGroup.Item
              key={id}
              value={id}
              aria-label={nameOf(name)}
              title={nameOf(name)}
              className={`${SWATCH} ${id === value ? CHOSEN : ''}`}
              style={{ backgroundColor: hex }}
            />
          ))}
        </ToggleGroup.Root>
        <label
          title={w.ownColour}
          className={`${SWATCH} overflow-hidden focus-within:outline-2 focus-within:outline-accent focus-within:outline-offset-2 ${known ? 'border-dashed' : CHOSEN}`}
          style={known ? {} : { backgroundColor: value }}
        >
          {known && <Icon name="add" />}
          <input
            type="color"
            aria-label={w.ownColour}
            value={hexOf(preset, value).toLowerCase()}
            onChange={({ target }) => onChange(target.value.toUpperCase())}
            className="absolute inset-0 size-full cursor-pointer opacity-0"
          />
        </label>
      </div>
      <p className="text-sm text-soft">{known ? nameOf(known.name) : `${w.ownColour} ${value}`}</p>
    </div>
  );
}

/** One of a few, all in sight: a radio group on Radix, which has its keys. */
import * as ToggleGroup from '@radix-ui/react-toggle-group';
import type { ReactNode } from 'react';

interface SegmentsProps<T extends string> {
  label: string;
  value: T | null;
  options: readonly { value: T; label: ReactNode }[];
  onChange(value: T): void;
}

export function Segments<T extends string>({ label, value, options, onChange }: SegmentsProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value ?? ''}
      // What is chosen cannot be unchosen.
      onValueChange={(next) => next !== '' && onChange(next as T)}
      className="flex flex-wrap gap-1 rounded-lg bg-well p-1"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="min-h-9 flex-1 whitespace-nowrap rounded-md px-3 text-sm text-soft hover:text-ink data-[state=on]:bg-raised data-[state=on]:font-medium data-[state=on]:text-ink data-[state=on]:shadow-xs pointer-coarse:min-h-11"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

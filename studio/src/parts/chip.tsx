/** Something that is on or off. */
import type { ReactNode } from 'react';

interface ChipProps {
  on: boolean;
  onToggle(on: boolean): void;
  children: ReactNode;
}

export function Chip({ on, onToggle, children }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={() => onToggle(!on)}
      className={`inline-flex min-h-9 items-center gap-1.5 rounded-full border px-3.5 text-sm motion-safe:transition-colors pointer-coarse:min-h-11 ${
        on ? 'border-accent bg-wash font-medium text-ink' : 'border-line bg-sheet text-ink hover:border-edge'
      }`}
    >
      {children}
    </button>
  );
}

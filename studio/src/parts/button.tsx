/** Buttons: one that leads on (`primary`), the others quiet; what destroys says so in its colour. 44 px high for a finger. */
import type { ComponentProps } from 'react';

type Kind = 'primary' | 'plain' | 'quiet' | 'danger';

const KINDS: Record<Kind, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-deep disabled:bg-well disabled:text-soft',
  plain: 'border border-line bg-sheet hover:border-edge disabled:text-soft disabled:hover:border-line',
  quiet: 'hover:bg-well disabled:text-soft disabled:hover:bg-transparent',
  danger: 'border border-line bg-sheet text-bad hover:bg-bad-wash hover:border-bad',
};

export function Button({ kind = 'plain', className = '', ...props }: ComponentProps<'button'> & { kind?: Kind }) {
  return (
    <button
      type="button"
      {...props}
      className={`inline-flex min-h-11 items-center justify-center gap-2 whitespace-nowrap rounded-lg px-4 font-medium motion-safe:transition-colors sm:min-h-10 ${KINDS[kind]} ${className}`}
    />
  );
}

/** Something to be answered before anything else, on Radix: the focus stays in it, Escape ends it, and it goes back to where it came from. */
import * as Radix from '@radix-ui/react-dialog';
import type { ReactNode } from 'react';

interface DialogProps {
  open: boolean;
  title: string;
  /** What it means, in a sentence or two. */
  note?: ReactNode;
  onClose(): void;
  children: ReactNode;
}

export function Dialog({ open, title, note, onClose, children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Radix.Content
          {...(note === undefined ? { 'aria-describedby': undefined } : {})}
          className="fixed top-1/2 left-1/2 z-50 max-h-[90svh] w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 space-y-4 overflow-y-auto rounded-2xl bg-sheet p-5 shadow-xl outline-none"
        >
          <Radix.Title className="font-semibold text-lg">{title}</Radix.Title>
          {note !== undefined && <Radix.Description className="text-soft">{note}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

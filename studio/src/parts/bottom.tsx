/** The way on, always in sight: what it comes to, and the one button that leads further. */
import type { ReactNode } from 'react';

export function Bottom({ note, children }: { note: ReactNode; children: ReactNode }) {
  return (
    <div className="sticky bottom-0 z-20 border-line border-t bg-sheet pb-[env(safe-area-inset-bottom)]">
      <div className="flex items-center gap-3 px-4 py-3 sm:px-6">
        <div className="mr-auto min-w-0 text-sm text-soft tabular-nums" aria-live="polite">
          {note}
        </div>
        {children}
      </div>
    </div>
  );
}

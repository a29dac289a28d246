/** The first thing that a newcomer sees. */
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { PickButton } from './drop.tsx';
import { sampleFiles } from './samples.ts';
import { albumWords } from './words.ts';

export function Empty({ onFiles }: { onFiles(files: readonly File[]): void }) {
  const w = useWords(albumWords);
  return (
    <section aria-labelledby="album-heading" className="flex flex-1 p-4 sm:p-6">
      <div className="grid flex-1 place-items-center rounded-2xl border border-edge border-dashed p-6 text-center">
        <div className="max-w-lg space-y-5">
          <h1 id="album-heading" className="text-balance font-semibold text-2xl sm:text-3xl">
            {w.emptyHeading}
          </h1>
          <p className="text-balance text-soft">{w.emptyNote}</p>
          <div className="flex flex-wrap justify-center gap-2">
            <PickButton kind="primary" onFiles={onFiles}>
              {w.pick}
            </PickButton>
            <span className="hidden sm:contents">
              <PickButton folder onFiles={onFiles}>
                {w.pickFolder}
              </PickButton>
            </span>
          </div>
          <p className="text-sm text-soft">{w.emptyKinds}</p>
          <Button kind="quiet" className="text-accent" onClick={() => void sampleFiles().then(onFiles)}>
            {w.samples}
          </Button>
        </div>
      </div>
    </section>
  );
}

/** Wherever files come from: dropped on the page, pasted, or picked. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../words/index.ts';
import { droppedFiles, pickedFiles } from './intake.ts';
import { albumWords } from './words.ts';

/** HEIC by its names as well: systems that do not know its type would not offer it. */
const ACCEPT = 'image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif';

/** Takes what is dropped anywhere on the page or pasted into it, as long as it is mounted. */
export function DropAndPaste({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const w = useWords(albumWords);
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  useEffect(() => {
    take.current = onFiles;
  });
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes('Files') ?? false;
    const onDrag = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    addEventListener('dragenter', onDrag, { signal });
    addEventListener('dragover', onDrag, { signal });
    addEventListener('dragleave', ({ relatedTarget }) => relatedTarget === null && setOver(false), { signal });
    addEventListener(
      'drop',
      (event) => {
        setOver(false);
        if (!hasFiles(event) || event.dataTransfer === null) return;
        event.preventDefault();
        void droppedFiles(event.dataTransfer).then((files) => take.current(files));
      },
      { signal },
    );
    addEventListener(
      'paste',
      ({ clipboardData }) => {
        const files = Array.from(clipboardData?.files ?? []);
        if (files.length > 0) take.current(files);
      },
      { signal },
    );
    return () => controller.abort();
  }, []);
  if (!over) return null;
  return (
    <div className="pointer-events-none fixed inset-3 z-40 grid place-items-center rounded-2xl border-2 border-accent border-dashed bg-wash/90 font-semibold text-lg">
      {w.drop}
    </div>
  );
}

interface PickProps {
  onFiles(files: readonly File[]): void;
  kind?: 'primary' | 'plain';
  folder?: boolean;
  children: ReactNode;
}

export function PickButton({ onFiles, kind = 'plain', folder = false, children }: PickProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button kind={kind} onClick={() => input.current?.click()}>
        <Icon name={folder ? 'folder' : 'add'} />
        {children}
      </Button>
      <input
        ref={(element) => {
          input.current = element;
          if (element !== null) element.webkitdirectory = folder;
        }}
        type="file"
        multiple
        hidden
        accept={folder ? undefined : ACCEPT}
        data-testid={folder ? 'pick-folder' : 'pick-photos'}
        onChange={({ currentTarget }) => {
          onFiles(pickedFiles(currentTarget.files ?? []));
          currentTarget.value = '';
        }}
      />
    </>
  );
}

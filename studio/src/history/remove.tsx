/** Asks before an album goes, and says what goes with it. */

import * as Dialog from '@radix-ui/react-dialog';
import type { JobSummary } from '@s3-workers/client-sdk';
import { Button } from '../parts/button.tsx';
import type { HistoryWords } from './words.ts';

interface RemoveProps {
  /** Null: nothing is to go. */
  album: JobSummary | null;
  pending: boolean;
  error: string | null;
  words: HistoryWords;
  onClose(): void;
  onRemove(album: JobSummary): void;
}

export function Remove({ album, pending, error, words, onClose, onRemove }: RemoveProps) {
  return (
    <Dialog.Root open={album !== null} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 bg-black/50" />
        <Dialog.Content
          role="alertdialog"
          className="fixed top-1/2 left-1/2 grid w-[min(32rem,calc(100vw-2rem))] -translate-1/2 gap-4 rounded-md bg-paper p-6 text-ink"
        >
          <Dialog.Title className="text-lg font-medium">{words.removeTitle}</Dialog.Title>
          <Dialog.Description>{album && words.removeText(album.progress.total)}</Dialog.Description>
          {error !== null && <p role="alert">{error}</p>}
          <div className="flex flex-wrap justify-end gap-2">
            <Dialog.Close asChild>
              <Button>{words.keepIt}</Button>
            </Dialog.Close>
            <Button kind="danger" disabled={pending} onClick={() => album && onRemove(album)}>
              {words.removeIt}
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

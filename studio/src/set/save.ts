/** A stream to a file: to where its user says, where a browser asks that; else as a download, for which it is whole before it is saved. */

/** Of the File System Access API, which not every browser has. */
interface SavePicker {
  showSaveFilePicker?(options: {
    suggestedName: string;
    types: { accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle>;
}

export interface Target {
  write(content: Response, signal: AbortSignal): Promise<void>;
}

/**
 * Asks where to, which only a click may. @returns null when its user does not want to any more
 * @param name with its ending
 */
export async function targetOf(name: string): Promise<Target | null> {
  const { showSaveFilePicker } = window as SavePicker;
  if (showSaveFilePicker === undefined) return { write: (content, signal) => download(name, content, signal) };
  try {
    const file = await showSaveFilePicker({
      suggestedName: name,
      types: [{ accept: { 'application/zip': ['.zip'] } }],
    });
    // What is stopped leaves no half file: it is put in place at its end.
    return { write: async ({ body }, signal) => body?.pipeTo(await file.createWritable(), { signal }) };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

/** Milliseconds after which a browser has begun with a download. */
const BEGUN = 60_000;

async function download(name: string, { body }: Response, signal: AbortSignal): Promise<void> {
  const parts: BlobPart[] = [];
  // A Response's own blob() does not hear of the signal.
  await body?.pipeTo(new WritableStream<Uint8Array<ArrayBuffer>>({ write: (chunk) => void parts.push(chunk) }), {
    signal,
  });
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/zip' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), BEGUN);
}

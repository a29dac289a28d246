/** Files out of what is dropped, pasted or picked, in the order in which a person sees them. */

const natural = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
/** What systems put into folders for themselves. */
const OF_THE_SYSTEM = /^(\.|Thumbs\.db$|desktop\.ini$)/i;

/** As `DataTransferItem.webkitGetAsEntry` gives them; what of it is used. */
export interface Entry {
  name: string;
  isFile: boolean;
  isDirectory: boolean;
  file?(found: (file: File) => void, failed: (error: unknown) => void): void;
  createReader?(): { readEntries(found: (entries: Entry[]) => void, failed: (error: unknown) => void): void };
}

/** Has to be called in the event itself: after it the transfer is empty. Folders are gone through, whatever lies in them. */
export function droppedFiles({ items, files }: Pick<DataTransfer, 'items' | 'files'>): Promise<File[]> {
  const entries = Array.from(items ?? []).flatMap((item): (Entry | File)[] => {
    if (item.kind !== 'file') return [];
    const entry = item.webkitGetAsEntry?.() as Entry | null | undefined;
    if (entry?.isDirectory) return [entry];
    const file = item.getAsFile();
    return file === null ? [] : [file];
  });
  if (entries.length === 0) return Promise.resolve(Array.from(files ?? []));
  return Promise.all(entries.map((one) => (one instanceof File ? [one] : filesUnder(one)))).then((all) => all.flat());
}

/** By name as people count: `photo 2` before `photo 10`, a folder's files before those of folders in it. One that can't be read is left out. */
export async function filesUnder(folder: Entry): Promise<File[]> {
  const entries = (await entriesOf(folder)).filter(({ name }) => !OF_THE_SYSTEM.test(name));
  entries.sort((a, b) => Number(a.isDirectory) - Number(b.isDirectory) || natural.compare(a.name, b.name));
  const files: File[] = [];
  for (const entry of entries) files.push(...(entry.isDirectory ? await filesUnder(entry) : await fileOf(entry)));
  return files;
}

/** A browser gives a hundred of them at a time, and none when there are no more. */
async function entriesOf(folder: Entry): Promise<Entry[]> {
  const reader = folder.createReader?.();
  const all: Entry[] = [];
  while (reader !== undefined) {
    const some = await new Promise<Entry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) break;
    all.push(...some);
  }
  return all;
}

const fileOf = (entry: Entry): Promise<File[]> =>
  new Promise((resolve) => {
    if (entry.file === undefined) resolve([]);
    else
      entry.file(
        (file) => resolve([file]),
        () => resolve([]),
      );
  });

/** What a picked folder holds, in the order of {@link filesUnder}: `<input webkitdirectory>` gives it in whatever order. */
export function pickedFiles(list: ArrayLike<File>): File[] {
  const files = Array.from(list);
  const isFolder = files.some(({ webkitRelativePath }) => webkitRelativePath !== '');
  if (!isFolder) return files;
  const partsOf = (file: File) => file.webkitRelativePath.split('/');
  return files
    .filter((file) => !partsOf(file).some((part) => OF_THE_SYSTEM.test(part)))
    .sort((a, b) => inOrder(partsOf(a), partsOf(b)));
}

function inOrder(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const isFileA = at === a.length - 1;
    const isFileB = at === b.length - 1;
    if (isFileA !== isFileB) return isFileA ? -1 : 1;
    const order = natural.compare(a[at] ?? '', b[at] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

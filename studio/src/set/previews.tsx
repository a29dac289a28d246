/** The first pictures of a set, drawn small: what one will have, before it is made. */
import { useEffect, useState } from 'react';
import { drawn } from './drawn.ts';
import type { StoredSet } from './messages.ts';
import type { SetWords } from './words.ts';

/** Pictures that are shown. */
const SHOWN = 3;

interface Picture {
  name: string;
  url: string;
  width: number;
  height: number;
}

/** @param set the same object as long as it is the same set @param total pictures that it will have */
export function Previews({ set, total, words }: { set: StoredSet; total: number; words: SetWords }) {
  const [{ pictures, error, of }, setDrawn] = useState<{
    pictures: Picture[];
    error: string | null;
    of: StoredSet | null;
  }>({
    pictures: [],
    error: null,
    of: null,
  });
  useEffect(() => {
    const abort = new AbortController();
    const urls: string[] = [];
    const draw = async () => {
      const made: Picture[] = [];
      for await (const { name, input, width, height } of drawn(set, abort.signal)) {
        if (abort.signal.aborted) return;
        const url = URL.createObjectURL(input);
        urls.push(url);
        made.push({ name, url, width, height });
        setDrawn({ pictures: [...made], error: null, of: set });
        if (made.length === SHOWN) return;
      }
    };
    draw().catch((why: unknown) => {
      if (!abort.signal.aborted)
        setDrawn({ pictures: [], error: why instanceof Error ? why.message : String(why), of: set });
    });
    return () => {
      abort.abort();
      for (const url of urls) URL.revokeObjectURL(url);
    };
  }, [set]);
  const isOld = of !== set;
  if (error !== null && !isOld) return <p role="alert">{error}</p>;
  return (
    <div aria-busy={isOld} className="grid gap-3">
      {(isOld || pictures.length === 0) && <p className="text-soft">{words.previewing}</p>}
      {!isOld && (
        <ul className="grid gap-4 xl:grid-cols-2">
          {pictures.map(({ name, url, width, height }, at) => (
            <li key={name} className={at === 0 ? 'xl:col-span-2' : ''}>
              <img
                src={url}
                alt={words.previewOf(name)}
                width={width}
                height={height}
                className="h-auto max-h-[70svh] w-auto max-w-full rounded-sm border border-line"
              />
              <p className="mt-1 truncate text-sm text-soft">{name}</p>
            </li>
          ))}
        </ul>
      )}
      {!isOld && total > pictures.length && pictures.length === SHOWN && (
        <p className="text-soft">{words.andMore(total - pictures.length)}</p>
      )}
    </div>
  );
}

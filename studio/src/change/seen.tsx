/** The photos that it is about, beside what is to be done with them. */
import { useS3Client } from '@s3-workers/client-sdk/react';
import { originalUrls } from '@s3-workers/client-sdk/results';
import { useQuery } from '@tanstack/react-query';
import { factsOf, useFactsVersion } from '../album/facts.ts';
import { useAlbum } from '../app/album.ts';

/** Photos that are shown: who wants to see all goes to the album. */
const MOST = 24;

export function Seen({ from }: { from: string | null }) {
  const album = useAlbum();
  const client = useS3Client();
  useFactsVersion();
  const originals = useQuery({
    queryKey: ['originals', from],
    queryFn: ({ signal }) => originalUrls(client, from ?? '', { signal }),
    enabled: from !== null,
    staleTime: 25 * 60_000,
  });
  const urls = from === null ? album.files.map((file) => factsOf(file).picture) : (originals.data ?? []);
  const shown = urls.filter((url) => url !== null).slice(0, MOST);
  return (
    <div
      aria-hidden="true"
      className="-mx-4 flex gap-2 overflow-x-auto px-4 sm:-mx-6 sm:px-6 lg:order-1 lg:mx-0 lg:grid lg:grid-cols-[repeat(auto-fill,minmax(15rem,1fr))] lg:gap-4 lg:overflow-visible lg:px-0 max-lg:order-first"
    >
      {shown.map((url) => (
        <img
          key={url}
          src={url}
          alt=""
          loading="lazy"
          className="aspect-[4/3] w-24 shrink-0 rounded-lg bg-well object-cover lg:w-full"
        />
      ))}
    </div>
  );
}

/** The album: photos are put in, seen at once, and taken out again. */
import { useAlbum } from '../app/album.ts';
import { goTo } from '../app/place.ts';
import { Button } from '../parts/button.tsx';
import { useWords } from '../words/index.ts';
import { albumWords } from './words.ts';

export function Album() {
  const w = useWords(albumWords);
  const album = useAlbum();
  return (
    <section className="space-y-4 p-4 sm:p-6">
      <h1 className="font-semibold text-xl">{w.heading}</h1>
      <label className="block">
        <span className="mb-1 block">{w.pick}</span>
        <input
          type="file"
          multiple
          accept="image/*"
          onChange={({ target }) => {
            album.add(target.files);
            target.value = '';
          }}
        />
      </label>
      <ul>
        {album.photos.map(({ id, name }) => (
          <li key={id}>{name}</li>
        ))}
      </ul>
      <Button kind="primary" disabled={album.photos.length === 0} onClick={() => goTo({ step: 'change' })}>
        {w.next}
      </Button>
    </section>
  );
}

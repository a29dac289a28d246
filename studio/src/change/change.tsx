/** What to change in the photos, and what to leave alone. */
import { useWords } from '../words/index.ts';
import { changeWords } from './words.ts';

export default function Change() {
  const w = useWords(changeWords);
  return (
    <section className="p-4 sm:p-6">
      <h1 className="font-semibold text-xl">{w.heading}</h1>
    </section>
  );
}

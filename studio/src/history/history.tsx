/** What was made before, with pictures, what it cost, and how to delete it. */
import { useWords } from '../words/index.ts';
import { historyWords } from './words.ts';

export default function History() {
  const w = useWords(historyWords);
  return (
    <section className="p-4 sm:p-6">
      <h1 className="font-semibold text-xl">{w.heading}</h1>
    </section>
  );
}

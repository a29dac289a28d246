/** Tries once more what did not work. */
import { appWords } from '../app/words.ts';
import { useWords } from '../words/index.ts';
import { Button } from './button.tsx';

export function Again({ onClick }: { onClick(): void }) {
  return <Button onClick={onClick}>{useWords(appWords).again}</Button>;
}

/** A name that is asked for, or whether somebody is sure. */
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useWords } from '../words/index.ts';
import { changeWords } from './words.ts';

export interface Question {
  title: string;
  /** What the name is at first; null where only a yes is asked for. */
  name: string | null;
  /** Of the button that destroys; left out where nothing is. */
  danger?: string;
  go(name: string): void;
}

/** Characters of a rule's name. */
const MOST = 80;

export function Asked({ question, onClose }: { question: Question | null; onClose(): void }) {
  return (
    <Dialog open={question !== null} title={question?.title ?? ''} onClose={onClose}>
      {question !== null && <Form question={question} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ question: { name, danger, go }, onClose }: { question: Question; onClose(): void }) {
  const w = useWords(changeWords);
  const [text, setText] = useState(name ?? '');
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        go(text.trim());
        onClose();
      }}
    >
      {name !== null && (
        <label className="block space-y-1">
          <span className="text-sm text-soft">{w.ruleName}</span>
          <input
            value={text}
            maxLength={MOST}
            onChange={({ target }) => setText(target.value)}
            className="min-h-11 w-full rounded-lg border border-edge bg-paper px-3"
          />
        </label>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{w.cancel}</Button>
        <Button
          type="submit"
          kind={danger === undefined ? 'primary' : 'danger'}
          disabled={name !== null && text.trim() === ''}
        >
          {danger ?? w.save}
        </Button>
      </div>
    </form>
  );
}

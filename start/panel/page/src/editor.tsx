/** The input as JSON, checked while it is written; Ctrl or ⌘ with Enter runs the call. */
import { type KeyboardEvent, useId } from 'react';
import { Button } from '../../../../studio/src/parts/button.tsx';
import type { Problem } from './input.ts';

interface EditorProps {
  text: string;
  problems: Problem[];
  /** What the button says. */
  runs: string;
  /** What has to be run first. */
  missing: string | null;
  hasInput: boolean;
  /** Whether it is no longer the sample. */
  isTyped: boolean;
  /** The operator's; null for procedures of others. */
  secret: { value: string; set(value: string): void } | null;
  onChange(text: string | null): void;
  onSubmit(): void;
}

export function Editor(props: EditorProps) {
  const { problems, runs, missing, hasInput, isTyped, secret, onChange, onSubmit } = props;
  const id = useId();
  return (
    <form
      className="mt-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {secret !== null && <Secret {...secret} />}
      {hasInput ? <Input id={id} {...props} /> : <p className="text-soft">It takes nothing.</p>}
      <ul id={`${id}-problems`} aria-live="polite" className="mt-1 text-bad">
        {problems.map(({ field, message }) => (
          <li key={`${field} ${message}`}>
            {field !== '' && <code>{field}: </code>}
            {message}
          </li>
        ))}
      </ul>
      {missing !== null && (
        <p className="mt-1 text-soft">
          Its id is filled in once{' '}
          <a href={`#${missing}`} className="text-accent underline underline-offset-4">
            {missing}
          </a>{' '}
          has run.
        </p>
      )}
      <div className="mt-3 flex gap-2">
        <Button type="submit" kind="primary" disabled={problems.length > 0}>
          {runs}
        </Button>
        {isTyped && <Button onClick={() => onChange(null)}>Back to the sample</Button>}
      </div>
    </form>
  );
}

function Input({ id, text, problems, onChange, onSubmit }: EditorProps & { id: string }) {
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onSubmit();
  };
  return (
    <>
      <label htmlFor={id} className="block font-medium">
        Input
      </label>
      <textarea
        id={id}
        value={text}
        rows={Math.min(20, text.split('\n').length + 1)}
        spellCheck={false}
        autoCapitalize="off"
        aria-invalid={problems.length > 0}
        aria-describedby={`${id}-problems`}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={press}
        className="mt-2 field-sizing-content max-h-96 w-full rounded-lg border border-edge bg-sheet p-3 font-mono text-[0.8125rem] leading-normal aria-invalid:border-bad"
      />
    </>
  );
}

function Secret({ value, set }: NonNullable<EditorProps['secret']>) {
  return (
    <label className="mb-3 block font-medium">
      ADMIN_SECRET, from .dev.vars
      <input
        type="password"
        autoComplete="off"
        value={value}
        onChange={(event) => set(event.target.value)}
        className="mt-2 block min-h-11 w-full rounded-lg border border-edge bg-sheet px-3 font-mono"
      />
    </label>
  );
}

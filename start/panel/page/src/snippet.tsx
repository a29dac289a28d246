/** Text to read and to take along. */
import { type ReactNode, useState } from 'react';
import { Button } from '../../../../studio/src/parts/button.tsx';

interface SnippetProps {
  title: string;
  text: string;
}

export function Snippet({ title, text }: SnippetProps) {
  return (
    <div className="mt-4">
      <div className="flex items-center justify-between gap-2">
        <h2 className="font-medium">{title}</h2>
        <Copy title={title} text={text} />
      </div>
      <Code label={title}>{text}</Code>
    </div>
  );
}

function Copy({ title, text }: SnippetProps) {
  const [isCopied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <Button
      kind="quiet"
      className="text-sm"
      aria-label={`Copy: ${title}`}
      onClick={copy}
      onBlur={() => setCopied(false)}
    >
      {isCopied ? 'Copied' : 'Copy'}
    </Button>
  );
}

/** It scrolls by itself, so the keyboard reaches it. */
export function Code({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
      tabIndex={0}
      aria-label={label}
      className="max-h-[32rem] overflow-auto rounded-lg bg-well p-3 text-[0.8125rem] leading-normal"
    >
      <pre className="whitespace-pre-wrap font-mono">
        <code>{children}</code>
      </pre>
    </section>
  );
}

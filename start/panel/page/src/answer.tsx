/** What a call has answered: JSON in which dates are dates, or the error with all that is known of it. */
import { Fragment } from 'react';
import type { Failure } from './calling.ts';
import { Code } from './snippet.tsx';

/** Stands around a date while JSON is made of what holds it. */
const MARK = '\u{1f4c5}';

/** JSON as it is read, each date an element that says it in local time as well. */
export function Json({ label, value }: { label: string; value: unknown }) {
  const text = value === undefined ? 'nothing' : JSON.stringify(marked(value), null, 2);
  return (
    <Code label={label}>
      {text.split(`"${MARK}`).map((part, at) => {
        if (at === 0) return <Fragment key="first">{part}</Fragment>;
        const end = part.indexOf('"');
        const iso = part.slice(0, end);
        return (
          <Fragment key={at}>
            {'new Date("'}
            <time dateTime={iso} title={new Date(iso).toLocaleString()} className="text-accent">
              {iso}
            </time>
            {'")'}
            {part.slice(end + 1)}
          </Fragment>
        );
      })}
    </Code>
  );
}

function marked(value: unknown): unknown {
  if (value instanceof Date) return `${MARK}${value.toISOString()}`;
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, marked(one)]));
}

export function FailureView({ failure: { code, message, status, requestId, data } }: { failure: Failure }) {
  const issues = (data as { issues?: { field: string; message: string }[] } | null)?.issues ?? [];
  return (
    <div role="alert" className="rounded-lg bg-bad-wash p-3">
      <p>
        <strong className="font-mono text-bad">{code}</strong> {message}
      </p>
      {issues.length > 0 && (
        <ul className="mt-1 list-disc pl-5">
          {issues.map(({ field, message: said }) => (
            <li key={`${field} ${said}`}>
              <code>{field}</code>: {said}
            </li>
          ))}
        </ul>
      )}
      <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 font-mono text-[0.8125rem]">
        <dt>status</dt>
        <dd>{status ?? 'no answer'}</dd>
        <dt>requestId</dt>
        <dd>{requestId ?? 'none'}</dd>
        <dt>data</dt>
        <dd>{JSON.stringify(data)}</dd>
      </dl>
    </div>
  );
}

/** Every procedure, by group, found by any word of its name or documentation. `/` leads here from anywhere. */
import { useEffect, useRef, useState } from 'react';
import type { Described } from './described.ts';

export function List({ procedures, current }: { procedures: Described[]; current: string }) {
  const [sought, setSought] = useState('');
  const [isOpen, setOpen] = useState(false);
  const field = useSlash();
  const found = procedures.filter((one) => matches(one, sought));
  const groups = [...new Set(found.map(groupOf))];
  const close = () => setOpen(false);
  return (
    <aside className="border-line border-b p-4 lg:sticky lg:top-0 lg:h-dvh lg:w-72 lg:shrink-0 lg:overflow-y-auto lg:border-r lg:border-b-0">
      <search>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (found[0] !== undefined) location.hash = found[0].path;
            close();
          }}
        >
          <input
            ref={field}
            type="search"
            aria-label="Search procedures"
            aria-keyshortcuts="/"
            placeholder="Search procedures  /"
            value={sought}
            onChange={(event) => setSought(event.target.value)}
            onFocus={() => setOpen(true)}
            className="min-h-11 w-full rounded-lg border border-edge bg-sheet px-3"
          />
        </form>
      </search>
      <p role="status" className="sr-only">
        {sought === '' ? '' : `${found.length} of ${procedures.length} procedures`}
      </p>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls="procedures"
        onClick={() => setOpen(!isOpen)}
        className="mt-2 min-h-11 w-full rounded-lg border border-line bg-sheet px-3 text-left lg:hidden"
      >
        {isOpen ? 'Close the list' : `All ${procedures.length} procedures`}
      </button>
      <nav id="procedures" aria-label="Procedures" className={`mt-3 ${isOpen ? '' : 'max-lg:hidden'}`}>
        {groups.map((group) => (
          <Group key={group} name={group} of={found} current={current} onGo={close} />
        ))}
        {found.length === 0 && <p className="text-soft text-sm">No procedure has “{sought}”.</p>}
      </nav>
    </aside>
  );
}

interface GroupProps {
  name: string;
  of: Described[];
  current: string;
  onGo(): void;
}

function Group({ name, of, current, onGo }: GroupProps) {
  return (
    <section aria-labelledby={`group-${name}`} className="mb-3">
      <h2 id={`group-${name}`} className="text-soft text-sm">
        {name}
      </h2>
      <ul>
        {of
          .filter((one) => groupOf(one) === name)
          .map(({ path }) => (
            <li key={path}>
              <a
                href={`#${path}`}
                aria-current={path === current ? 'page' : undefined}
                onClick={onGo}
                className="block rounded-md px-2 py-1 font-mono text-sm hover:bg-well aria-[current=page]:bg-wash aria-[current=page]:font-semibold pointer-coarse:py-2.5"
              >
                {path}
              </a>
            </li>
          ))}
      </ul>
    </section>
  );
}

const groupOf = ({ path }: Described): string => path.split('.')[0] ?? '';

const matches = ({ path, comment }: Described, sought: string): boolean => {
  const text = `${path} ${comment}`.toLowerCase();
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};

/** The field that `/` leads to, unless somebody writes. */
function useSlash() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isWriting = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA)$/.test(event.target.tagName);
      if (event.key !== '/' || isWriting || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return field;
}

/** What the browser keeps for the page, in several tabs and where it keeps nothing. */
import { afterEach, expect, test, vi } from 'vitest';
import { kept } from '../src/app/kept.ts';

afterEach(() => vi.unstubAllGlobals());

/** Tabs on one storage: what one puts is told to the others, as browsers do. */
function tabs(storage = new Map<string, string>()) {
  const open: EventTarget[] = [];
  const visit = <T>(load: () => T): T => {
    const tab = new EventTarget();
    open.push(tab);
    vi.stubGlobal('addEventListener', tab.addEventListener.bind(tab));
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem(key: string, value: string) {
        storage.set(key, value);
        for (const other of open) other.dispatchEvent(Object.assign(new Event('storage'), { key }));
      },
    });
    return load();
  };
  return { visit, storage };
}
const list = () => kept<readonly string[]>('list', [], (value) => (Array.isArray(value) ? value : null));

test('what one tab keeps is there in another that was open before, and is not lost when that one keeps something', () => {
  const { visit, storage } = tabs();
  const first = visit(list);
  const second = visit(list);
  const heard = vi.fn();
  first.subscribe(heard);
  second.put(['a']);
  expect(heard).toHaveBeenCalled();
  expect(first.read()).toEqual(['a']);
  first.put([...first.read(), 'b']);
  expect(JSON.parse(storage.get('s3-studio-list') ?? '')).toEqual(['a', 'b']);
  expect(second.read()).toEqual(['a', 'b']);
});

test('what an earlier version of the page has kept, or nobody can read, counts as nothing', () => {
  for (const text of ['{"no":"list"}', 'no JSON']) {
    expect(
      tabs(new Map([['s3-studio-list', text]]))
        .visit(list)
        .read(),
    ).toEqual([]);
  }
});

test('where nothing may be kept it is there as long as the page', () => {
  vi.stubGlobal('localStorage', {
    getItem() {
      throw new Error('forbidden');
    },
    setItem() {
      throw new Error('full');
    },
  });
  const here = list();
  here.put(['a']);
  expect(here.read()).toEqual(['a']);
});

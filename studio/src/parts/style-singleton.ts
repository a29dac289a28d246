/**
 * In place of the package of this name, by which Radix's dialogs hold the page still: it writes a `<style>` element, and the page's
 * Content-Security-Policy allows none. A stylesheet that is made in code is not bound by it.
 */
import { useInsertionEffect } from 'react';

interface Sheet {
  sheet: CSSStyleSheet;
  users: number;
}

export function styleSingleton() {
  const sheets = new Map<string, Sheet>();
  return function AdoptedStyle({ styles }: { styles: string; dynamic?: boolean }): null {
    useInsertionEffect(() => {
      const used = sheets.get(styles) ?? { sheet: new CSSStyleSheet(), users: 0 };
      sheets.set(styles, used);
      if (used.users++ === 0) {
        used.sheet.replaceSync(styles);
        document.adoptedStyleSheets.push(used.sheet);
      }
      return () => {
        if (--used.users > 0) return;
        sheets.delete(styles);
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== used.sheet);
      };
    }, [styles]);
    return null;
  };
}
